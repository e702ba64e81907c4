import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { readAlertsFile } from "@spanhouse/alerts/alerts-file";
import { type ProviderSimulator, startProviderSimulator } from "@spanhouse/conformance/provider-simulator";
import { parseOwnershipFile } from "@spanhouse/consumer/derive/ownership-rules";
import { parseRoleRules } from "@spanhouse/query/oidc/roles";
import { encodeJson } from "@spanhouse/schemas/otlp/json";
import { parseAlertRule } from "@spanhouse/store/alerts/alert-rule";
import { shutdown } from "spanhouse";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse as parseYaml } from "yaml";
import { keys } from "../../src/commands/keys.ts";
import { start } from "../../src/commands/start.ts";
import { type CodeBlock, codeBlocks, rootPath } from "./code-blocks.ts";
import { startCommandServer } from "./command-server.ts";

const blocks = codeBlocks();
const runnable = (...languages: readonly string[]) =>
  blocks.filter(({ language, notRun }) => languages.includes(language) && notRun === undefined);

const traceId = "5b8efff798038103d269b633813fc60c";
const [agentId, callId] = ["00f067aa0ba902b7", "00f067aa0ba902b8"];

let scratch: string;
let simulator: ProviderSimulator;
let commandServer: Awaited<ReturnType<typeof startCommandServer>>;
let ended: Promise<number>;
const stopping = new AbortController();
/** Where the documentation says the usual ports and names. */
let replacements: Readonly<Record<string, string>>;
let environment: Readonly<Record<string, string>>;

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "spanhouse documentation "));
  const dataDir = join(scratch, "data");
  simulator = await startProviderSimulator();
  mkdirSync(join(scratch, "bin"));
  commandServer = await startCommandServer(join(scratch, "bin"));
  const ports = { SPANHOUSE_GATEWAY_PORT: "0", SPANHOUSE_GATEWAY_GRPC_PORT: "0", SPANHOUSE_QUERY_PORT: "0" };
  const greeting = await new Promise<string>((greeted, failed) => {
    ended = start.run(["--data", dataDir], { environment: ports, signal: stopping.signal, print: greeted });
    ended.catch(failed);
  });
  const said = (pattern: RegExp) => pattern.exec(greeting)![1]!;
  const gateway = said(/OTLP\/HTTP +(http:\S+)\/v1\/traces/);
  const query = said(/Query API +(http:\S+)\/v1\/traces/);
  const apiKey = said(/API key +(\S+)\n/);
  const lines: string[] = [];
  const context = { environment: {}, signal: stopping.signal, print: (line: string) => lines.push(line) };
  for (const project of ["shop", "support"]) {
    await keys.run(["create", "--project", project, "--data", dataDir, "--label", "docs", "--json"], context);
  }
  const keyId = /"keyId":"([^"]+)"/.exec(lines[0]!)![1]!;
  replacements = {
    "http://127.0.0.1:4318": gateway,
    "http://127.0.0.1:7070": query,
    KEY_ID: keyId,
    TRACE_ID: traceId,
    SPAN_ID: callId,
    "Bearer KEY": `Bearer ${apiKey}`,
    "Bearer%20KEY": `Bearer%20${apiKey}`,
    "0af7651916cd43dd8448eb211c80319c": traceId,
    b7ad6b7169203331: callId,
  };
  environment = {
    PATH: `${join(scratch, "bin")}:${process.env.PATH}`,
    HOME: scratch,
    ...{ SPANHOUSE_DATA: dataDir, STANDALONE_DATA: dataDir, SPANHOUSE_URL: gateway, SPANHOUSE_API_KEY: apiKey },
    ...{ OPENAI_API_KEY: "sk-docs-0001", OPENAI_BASE_URL: `${simulator.url}/v1` },
  };
  const sent = await fetch(`${gateway}/v1/traces`, {
    method: "POST",
    headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
    body: firstTrace(),
  });
  expect(sent.status, await sent.text()).toBe(200);
}, 120_000);

afterAll(async () => {
  stopping.abort();
  await ended;
  await Promise.all([simulator.stop(), commandServer.stop()]);
  rmSync(scratch, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

/** A call below an agent, with its texts. */
function firstTrace(): string {
  const now = BigInt(Date.now()) * 1_000_000n;
  const request = { model: "gpt-4o", messages: [{ role: "user", content: "Hello" }] };
  const response = { model: "gpt-4o", choices: [{ message: { content: "Hello" } }], usage: { prompt_tokens: 9 } };
  const attributes = Object.entries({
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "user.id": "ada",
    "spanhouse.request": JSON.stringify(request),
    "spanhouse.response": JSON.stringify(response),
  }).map(([key, value]) => ({ key, value: { type: "string" as const, value } }));
  const times = { startTimeUnixNano: now - 2_000_000_000n, endTimeUnixNano: now };
  const spans = [
    { traceId, spanId: agentId, name: "answer", ...times },
    { traceId, spanId: callId, parentSpanId: agentId, name: "chat", attributes, ...times },
  ];
  return encodeJson({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
}

function replaced(code: string): string {
  return Object.entries(replacements).reduce((text, [said, meant]) => text.replaceAll(said, meant), code);
}

/** Blocks of one page share a directory, so that a later one finds what an earlier one wrote. */
function directoryOf({ file }: CodeBlock): string {
  const directory = join(scratch, "pages", file);
  mkdirSync(directory, { recursive: true });
  return directory;
}

const execute = promisify(execFile);

test.each(runnable("sh").map((block) => [block.place, block] as const))(
  "shell: %s",
  async (_, block) => {
    const directory = directoryOf(block);
    const failures = join(directory, "failures");
    writeFileSync(failures, "");
    // 3 is diagnose's: there are errors in the trace. curl says by its exit code what the API answered.
    const script = `set -uE
spanhouse() { command spanhouse "$@"; local code=$?; [ $code = 3 ] || return $code; }
curl() { command curl -sS --fail-with-body "$@"; }
${block.before}
trap 'echo "$BASH_COMMAND" >> ${JSON.stringify(failures)}' ERR
${replaced(block.code)}
true`;
    const { stdout, stderr } = await execute("bash", ["-c", script], { cwd: directory, env: environment }).catch(
      (error) => error,
    );
    expect(readFileSync(failures, "utf8"), `${stdout}\n${stderr}`).toBe("");
    expect(stderr).toBe("");
  },
  60_000,
);

describe("TypeScript", () => {
  const folder = fileURLToPath(new URL("./.blocks/", import.meta.url));
  const programs = runnable("ts").map((block) => ({
    block,
    path: join(folder, `${block.place.replaceAll(/[^\w]+/g, "-")}.ts`),
    text: withImportsFirst(block.before, block.code),
  }));

  beforeAll(() => {
    mkdirSync(folder, { recursive: true });
    for (const { path, text } of programs) writeFileSync(path, text);
    const options = {
      noEmit: true,
      composite: false,
      declaration: false,
      declarationMap: false,
      noUnusedLocals: false,
    };
    const config = { extends: `${rootPath}tsconfig.base.json`, compilerOptions: options, include: ["./*.ts"] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("has the types that it says", async () => {
    const compiler = join(rootPath, "node_modules", "typescript", "bin", "tsc");
    const { stdout } = await execute(process.execPath, [compiler, "-p", folder]).catch((error) => error);
    expect(stdout).toBe("");
  }, 60_000);

  test.each(programs.map((program) => [program.block.place, program] as const))("%s", async (_, { path }) => {
    Object.assign(process.env, environment, { PATH: process.env.PATH, HOME: process.env.HOME });
    await import(/* @vite-ignore */ path);
    const { dropped } = await shutdown();
    expect(dropped).toBe(0);
  });
});

/** The block may begin with the imports of what stands before it. */
function withImportsFirst(before: string, code: string): string {
  const imports = /^import .*;$/gm;
  const above = [...(before.match(imports) ?? []), ...(code.match(imports) ?? [])];
  return [...above, before.replaceAll(imports, ""), code.replaceAll(imports, ""), "export {};"].join("\n");
}

test.each(runnable("python").map((block) => [block.place, block] as const))(
  "Python: %s",
  async (_, block) => {
    const python = join(rootPath, "sdk", "python", ".venv", "bin", "python");
    expect(existsSync(python), "npm test makes sdk/python/.venv").toBe(true);
    const program = join(directoryOf(block), "block.py");
    writeFileSync(program, `${block.before}\n${block.code}`);
    const env = { ...environment, PYTHONPATH: join(rootPath, "sdk", "python", "src") };
    const { stderr } = await execute(python, [program], { env }).catch((error) => error);
    expect(stderr).toBe("");
  },
  60_000,
);

/** What YAML and JSON of the documentation are, by the schema that the program itself reads them with. */
const readers: Readonly<Record<string, (text: string, directory: string) => unknown>> = {
  "an alert rule": (text) => parseAlertRule("documented", parseYaml(text)),
  async "an alerts file"(text, directory) {
    const path = join(directory, "alerts.yaml");
    writeFileSync(path, text);
    expect((await readAlertsFile(path)).receivers.length).toBeGreaterThan(0);
  },
  "an ownership file": (text) => parseOwnershipFile("documented", text),
  "role rules": (text) => parseRoleRules(text),
  "an assistant's configuration"(text) {
    const { spanhouse } = JSON.parse(text).mcpServers;
    expect(spanhouse.type === "http" ? new URL(spanhouse.url).pathname : spanhouse.args[0]).toMatch(/^\/?mcp$/);
  },
};

test.each(runnable("yaml", "json").map((block) => [block.place, block] as const))("data: %s", async (_, block) => {
  const reader = readers[block.before];
  expect(
    reader,
    `a comment above it must say what it is: <!-- with: ${Object.keys(readers).join(" | ")} -->`,
  ).toBeDefined();
  await reader!(block.code, directoryOf(block));
});

test("every block is of a language that is run; what is not run says why", () => {
  const languages = ["sh", "ts", "python", "yaml", "json"];
  expect(blocks.filter(({ language }) => !languages.includes(language)).map(({ place }) => place)).toEqual([]);
  const notRun = blocks.filter((block) => block.notRun !== undefined);
  for (const { place, notRun: why } of notRun) process.stdout.write(`not run: ${place}: ${why}\n`);
  for (const { notRun: why } of notRun) {
    // A reason that names a test must name one that is there.
    for (const path of why!.match(/[\w./-]+\.test\.ts/g) ?? [])
      expect(existsSync(join(rootPath, path)), path).toBe(true);
  }
  expect(notRun.length).toBeLessThan(blocks.length / 2);
});

/** Links between pages, and their anchors, as VitePress and GitHub make them. */
test("every link of the documentation leads somewhere", () => {
  const pages = [
    ...new Set([
      ...blocks.map(({ file }) => file),
      "SECURITY.md",
      "CONTRIBUTING.md",
      "docs/security.md",
      "docs/operations/runbooks.md",
    ]),
  ];
  const anchors = (text: string) =>
    new Set(
      [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
        heading
          .toLowerCase()
          .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
          .trim()
          .replaceAll(/\s/g, "-"),
      ),
    );
  const broken: string[] = [];
  for (const page of pages) {
    const text = readFileSync(join(rootPath, page), "utf8");
    for (const [, target = ""] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^(https?|mailto):/.test(target)) continue;
      const [path = "", anchor] = target.split("#");
      const file = path === "" ? join(rootPath, page) : join(rootPath, dirname(page), path);
      if (!existsSync(file)) broken.push(`${page}: ${target}`);
      else if (anchor !== undefined && !anchors(readFileSync(file, "utf8")).has(anchor))
        broken.push(`${page}: ${target}`);
    }
  }
  expect(broken).toEqual([]);
});

test("every line of the threat model names what holds it, and that is there", () => {
  const page = readFileSync(join(rootPath, "docs/security.md"), "utf8");
  const rows = page.split("\n").filter((line) => /^\| [A-Z]/.test(line));
  expect(rows.length).toBeGreaterThan(25);
  let directory = "";
  for (const row of rows) {
    const [threat = "", , holds = ""] = row.split("|").slice(1);
    const named = [...holds.matchAll(/`([^`]+)`/g)].flatMap(([, path = ""]) => expanded(path));
    if (/^ by command/.test(holds)) continue;
    expect(named, threat).not.toEqual([]);
    for (const name of named) {
      // `…/` is the directory of the path before it, a bare name stands beside it.
      const path = name.includes("/") && !name.startsWith("…") ? name : join(directory, name.replace("…/", ""));
      directory = dirname(path);
      expect(existsSync(join(rootPath, path)), `${threat.trim()}: ${path}`).toBe(true);
    }
  }
});

/** `a/{b,c}.test.ts` names two. */
function expanded(path: string): string[] {
  const [whole, before = "", inner = "", after = ""] = /^(.*)\{([^}]*)\}(.*)$/.exec(path) ?? [];
  return whole === undefined ? [path] : inner.split(",").map((part) => `${before}${part}${after}`);
}
