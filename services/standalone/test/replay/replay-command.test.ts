import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ProviderSimulator, startProviderSimulator } from "@spanhouse/conformance/provider-simulator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Case, type CaseSpan, writeCase } from "../../src/replay/case-file.ts";
import { keepCase } from "../../src/replay/case-store.ts";
import { personalIn, redactionOf, redactor } from "../../src/replay/redaction.ts";
import type { ReplayReport } from "../../src/replay/report.ts";
import { run } from "./command.ts";
import { type Language, programs, recordCase } from "./record-case.ts";

let folder: string;
let simulator: ProviderSimulator;
const recorded = new Map<Language, { readonly case: Case; readonly file: string }>();
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "spanhouse-replay-command-"));
  simulator = await startProviderSimulator();
  for (const language of Object.keys(programs) as Language[]) {
    const made = await recordCase(programs[language]("troubles"), simulator.url);
    recorded.set(language, { case: made, file: keepCase(made, join(folder, `${language}.case.jsonl`)) });
  }
});
afterAll(async () => {
  await simulator.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe.each(Object.keys(programs) as Language[])("what went wrong goes wrong again, in %s", (language) => {
  test("attempts, errors, refusals, streams, broken ones, tools that fail", async () => {
    const { file, case: made } = recorded.get(language)!;
    const junit = join(folder, `${language}.xml`);
    const outputs = made.spans.filter(({ texts }) => texts.output !== undefined).map(({ texts }) => texts.output);
    expect(outputs).toHaveLength(8);
    expect(outputs.join("\n")).toMatch(/RateLimitError 429.*\n.*InternalServerError 500.*\n.*I can't help/);

    const { code, stdout } = await run([
      "replay",
      "--set",
      file,
      "--json",
      "--junit",
      junit,
      "--",
      ...programs[language]("troubles"),
    ]);
    const report = JSON.parse(stdout) as ReplayReport;
    expect(report.spans.filter(({ verdict }) => verdict !== "same")).toEqual([]);
    expect([report.result, code]).toEqual(["same", 0]);
    const xml = readFileSync(junit, "utf8");
    expect(xml).toContain(`<testsuite name="${language}" tests="${report.spans.length}" failures="0"`);
    expect(xml).toContain('name="1 troubles"');
  }, 60_000);
});

test("--delays recorded: as slow as it was; without, at once", async () => {
  const { case: made } = recorded.get("TypeScript")!;
  const slow = (span: CaseSpan): CaseSpan =>
    span.attributes["gen_ai.request.stream"] === true && span.error === undefined
      ? { ...span, durationUs: 1_500_000 }
      : span;
  const file = join(folder, "slow.case.jsonl");
  writeFileSync(file, writeCase({ ...made, spans: made.spans.map(slow) }));
  const lengths: number[] = [];
  for (const delays of ["none", "recorded"]) {
    const { stdout } = await run([
      "replay",
      "--set",
      file,
      "--json",
      "--delays",
      delays,
      "--",
      ...programs.TypeScript("troubles"),
    ]);
    const { spans } = JSON.parse(stdout) as ReplayReport;
    const streams = spans.filter(({ recorded: of }) => of?.duration_us === 1_500_000);
    expect(streams.length).toBeGreaterThan(0);
    lengths.push(streams[0]!.replayed!.duration_us);
  }
  // Timers may be early by a millisecond each.
  expect(lengths[1]).toBeGreaterThan(1_200_000);
  expect(lengths[0]).toBeLessThan(lengths[1]!);
}, 60_000);

test("--parse: the program's post-processing alone, on each raw answer", async () => {
  const { file } = recorded.get("TypeScript")!;
  const program = "let t='';process.stdin.on('data',d=>t+=d).on('end',()=>console.log(JSON.parse(t).object))";
  const { code, stdout } = await run(["replay", "--set", file, "--parse", "--", process.execPath, "-e", program]);
  expect(stdout).toMatch(/^parsed {2}TypeScript {2}span \d+ chat gpt-4o {2}chat\.completion$/m);
  expect(stdout).toMatch(/^failed {2}TypeScript {2}span \d+ chat gpt-4o {2}.*data: /m);
  expect(stdout).toContain("4 answers: 2 parsed, 2 failed");
  expect(code).toBe(4);
}, 60_000);

describe("a case file", () => {
  const text = (file = recorded.get("TypeScript")!.file) => readFileSync(file, "utf8");
  const replayed = async (content: string) => {
    const file = join(folder, "changed.jsonl");
    writeFileSync(file, content);
    return await run(["replay", "--set", file, "--", "true"]).catch((error: Error) => error.message);
  };

  test("that is none is refused with its line and what was expected", async () => {
    const [header = "", second = "", ...rest] = text().split("\n");
    const file = join(folder, "changed.jsonl");
    expect(await replayed(text().replace('"spanhouse_case":1', '"spanhouse_case":2'))).toMatch(
      `${file}, line 1: expected the header of a case of version 1 (spanhouse_case:`,
    );
    expect(await replayed([header, '{"span":"x"}', ...rest].join("\n"))).toContain(
      "line 2: expected a span, or a text of one",
    );
    expect(await replayed([header, second].join("\n"))).toContain("line 2: expected the times, as the last line");
    expect(await replayed("")).toContain("line 1: expected the header");
    expect(await replayed(text().slice(0, -40))).toContain("expected the times");
  });

  test("of a program that asks nothing: all is gone, and it differs", async () => {
    const { case: made, file } = recorded.get("TypeScript")!;
    const { code, stdout } = await run(["replay", "--set", file, "--json", "--", process.execPath, "-e", "0"]);
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ result: "differs", counts: { gone: made.spans.length } });
  });
});

test("what cannot be meant is said, with what was expected", async () => {
  const { file } = recorded.get("TypeScript")!;
  const said = (args: readonly string[]) => run(["replay", ...args]).catch((error: Error) => error.message);
  expect(await said(["--set", file])).toBe("expected a program to run, after --");
  expect(await said(["abc", "--", "true"])).toContain('expected one trace id, 32 hex digits, or --set PATH; got "abc"');
  expect(await said(["--set", join(folder, "none"), "--", "true"])).toContain(
    "expected a file *.case.jsonl, or a folder of such",
  );
  expect(await said(["--set", file, "--on-miss", "guess", "--", "true"])).toContain(
    "--on-miss: expected fail, nearest or model",
  );
  expect(await said(["--set", file, "--on-miss", "model", "--", "true"])).toContain("SPANHOUSE_REPLAY_MODEL_URL");
  expect(await said(["--set", file, "--live", "lookup", "--", "true"])).toContain(
    "expected tool:NAME or retrieval:NAME",
  );
  expect(await said(["--set", file, "--", join(folder, "no-program")])).toContain("expected a program after --");
  const saved = await run(["case", "drop"]).catch((error: Error) => error.message);
  expect(saved).toContain("expected save and a trace id");
});

test("--on-miss model stops at its budget", async () => {
  const { file } = recorded.get("TypeScript")!;
  const content = readFileSync(file, "utf8").replaceAll('"content":"', '"content":"Not ');
  const other = join(folder, "other.case.jsonl");
  writeFileSync(other, content);
  const asked = simulator.requests().length;
  const { stdout } = await run(
    [
      "replay",
      "--set",
      other,
      "--json",
      "--on-miss",
      "model",
      "--live",
      "tool:look_up",
      "--",
      ...programs.TypeScript("troubles"),
    ],
    {
      SPANHOUSE_REPLAY_MODEL_URL: `${simulator.url}/v1`,
      SPANHOUSE_REPLAY_MODEL_KEY: "sk-operator-0001",
      SPANHOUSE_REPLAY_BUDGET: "0.0000001",
    },
  );
  expect(simulator.requests().length - asked).toBe(1);
  const report = JSON.parse(stdout) as ReplayReport;
  expect(report.spans.filter(({ answered_by }) => answered_by === "model")).toHaveLength(1);
  expect(stdout).toContain("The budget of SPANHOUSE_REPLAY_BUDGET is used up");
  expect(stdout).not.toContain("sk-operator-0001");
}, 60_000);

test("redactions: names of the list and one's own, each match by its name", () => {
  const clean = redactor(["email", "card", "ip", "order=A-\\d+"].map(redactionOf));
  expect(clean("ada@example.org, A-17, 4111 1111 1111 1111, 10.0.0.1")).toBe("[email], [order], [card], [ip]");
  expect(personalIn(["ask ada@example.org", "call 4711 0815"])).toEqual(["email"]);
  expect(() => redactionOf("orders")).toThrow("expected email, phone, card, ip, or NAME=REGULAR-EXPRESSION");
  expect(() => redactionOf("x=(")).toThrow("--redact");
  expect(() => redactionOf("x=a*")).toThrow("does not match the empty text");
});
