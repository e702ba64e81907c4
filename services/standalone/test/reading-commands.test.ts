import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { encodeJson } from "@spanhouse/schemas/otlp/json";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BuiltProcess, spanhouse } from "./built-process.ts";

const traceId = "5b8efff798038103d269b633813fc60c";

let dataDir: string;
let started: BuiltProcess;
let queryUrl: string;
let apiKey: string;

/** A call whose prompt has an unfilled variable, below an agent. */
function request(): string {
  const now = BigInt(Date.now()) * 1_000_000n;
  const body = { model: "gpt-4o", messages: [{ role: "system", content: "You help {{name}}." }] };
  const answer = {
    model: "gpt-4o-2024-08-06",
    choices: [{ message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }],
    usage: { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 },
  };
  const attributes = Object.entries({
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "user.id": "ada",
    "spanhouse.request": JSON.stringify(body),
    "spanhouse.response": JSON.stringify(answer),
  }).map(([key, value]) => ({ key, value: { type: "string" as const, value } }));
  const [agent, call] = ["00f067aa0ba902b7", "00f067aa0ba902b8"];
  const times = { startTimeUnixNano: now - 2_000_000_000n, endTimeUnixNano: now };
  const spans = [
    { traceId, spanId: agent, name: "answer a \u001b[31mletter", ...times },
    { traceId, spanId: call, parentSpanId: agent, name: "chat gpt-4o", attributes, ...times },
  ];
  return encodeJson({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
}

async function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const command = spanhouse(args, environment);
  const code = await command.ended;
  return { code, stdout: command.stdout(), output: command.output() };
}

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "spanhouse-reading-"));
  started = spanhouse(["start", "--data", dataDir], {
    SPANHOUSE_GATEWAY_PORT: "0",
    SPANHOUSE_GATEWAY_GRPC_PORT: "0",
    SPANHOUSE_QUERY_PORT: "0",
  });
  queryUrl = (await started.says(/Query API +(http:\S+)\/v1\/traces/))[1]!;
  const [, gatewayUrl] = await started.says(/OTLP\/HTTP +(http:\S+)\/v1\/traces/);
  apiKey = (await started.says(/API key +(\S+)\n/))[1]!;
  const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
  const sent = await fetch(`${gatewayUrl}/v1/traces`, { method: "POST", headers, body: request() });
  expect(sent.status, await sent.text()).toBe(200);
});

afterAll(async () => {
  started.signal("SIGTERM");
  await started.ended;
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

test("trace: a waterfall of the standalone's own trace, without its control characters", async () => {
  const { code, stdout, output } = await run(["trace", traceId, "--data", dataDir], { COLUMNS: "100" });
  expect(code, output).toBe(0);
  expect(stdout).toContain(`answer a  [31mletter  ${traceId}  user ada\n`);
  expect(stdout).toMatch(/^ {2}chat gpt-4o +█+ +2\.00 s +\$0\.0035$/m);
  expect(stdout).not.toContain("\u001b");
  for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
});

test("traces, by the environment's address: the filter's own, and as JSON", async () => {
  const environment = { SPANHOUSE_QUERY_URL: queryUrl, SPANHOUSE_API_KEY: apiKey };
  const [found, none] = await Promise.all([
    run(["traces", "--model", "gpt-4o", "--from", "2026-01", "--to", "2099-01", "--json"], environment),
    run(["traces", "--model", "other"], environment),
  ]);
  expect(JSON.parse(found.stdout)).toMatchObject({ trace_id: traceId, cost: "0.003500000000" });
  expect(none).toMatchObject({ code: 0, stdout: "no traces\n" });
});

test("diagnose: findings with their evidence, and 3 as there is an error", async () => {
  const { code, stdout } = await run(["diagnose", traceId, "--data", dataDir]);
  expect(code).toBe(3);
  expect(stdout).toMatch(
    /^error {2}unfilled_variable {2}span 00f067aa0ba902b8\n.*\n {2}seen in request bytes \d+–\d+ of/,
  );
  expect(stdout).toContain("1 findings in 1 spans");
});

test("mcp: an assistant that starts it reads the standalone's own traces", async () => {
  const client = new Client({ name: "test", version: "1" });
  const program = fileURLToPath(new URL("../dist/main.js", import.meta.url));
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args: [program, "mcp", "--data", dataDir] }),
  );
  const ask = async (name: string, args: Record<string, unknown>) => {
    const { content } = await client.callTool({ name, arguments: args });
    return (content as { text: string }[])[0]!.text;
  };
  expect(await ask("search_traces", { user: "ada" })).toContain(`{"trace_id":"${traceId}"`);
  const call = { trace_id: traceId, span_id: "00f067aa0ba902b8" };
  expect(await ask("read_messages", call)).toContain("## input 1: system\\nYou help {{name}}.");
  expect(await ask("read_bytes", { ...call, field: "response", limit: 16 })).toContain("next_offset");
  expect(await ask("read_trace", { trace_id: "0".repeat(31).concat("1") })).toMatch(/^NOT_FOUND: /);
  await client.close();
});

test("cost: as soon as the rollups have the call", async () => {
  const cost = () => run(["cost", "--by", "request_model", "--data", dataDir]);
  await expect
    .poll(async () => (await cost()).stdout, { timeout: 20_000, interval: 500 })
    .toMatch(/^gpt-4o +\$0\.0035 +1 /m);
});

test("compare: the same trace twice differs in nothing; models: what answered for what was asked", async () => {
  const [same, seen] = await Promise.all([
    run(["compare", traceId, traceId, "--data", dataDir]),
    run(["models", "--data", dataDir]),
  ]);
  expect(same, same.output).toMatchObject({ code: 0, stdout: expect.stringContaining("nothing differs") });
  expect(seen.stdout).toMatch(/^openai +gpt-4o +gpt-4o-2024-08-06 .* 1 +0 +\$0\.0035$/m);
});

test("what cannot be meant is 2, what the API refuses 1, each with its code", async () => {
  const [id, unknown, key] = await Promise.all([
    run(["trace", "abc"]),
    run(["diagnose", "0".repeat(31).concat("1"), "--data", dataDir]),
    run(["latency"], { SPANHOUSE_QUERY_URL: queryUrl, SPANHOUSE_API_KEY: "sh_wrong" }),
  ]);
  expect(id).toMatchObject({ code: 2, output: 'CONFIG: expected one trace id, 32 hex digits; got "abc"\n' });
  expect(unknown.code).toBe(1);
  expect(unknown.output).toMatch(/^NOT_FOUND: /);
  expect(key.output).toMatch(/^KEY_UNKNOWN: /);
});
