import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ProviderSimulator, startProviderSimulator } from "@spanhouse/conformance/provider-simulator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ReplayReport } from "../../src/replay/report.ts";
import { type BuiltProcess, spanhouse } from "../built-process.ts";
import { run } from "./command.ts";
import { programs, runLive } from "./record-case.ts";

/**
 * The loop that the product is for, in both languages: a broken agent is traced, found by its user, diagnosed, fixed, replayed
 * without keys and network, reported fixed, and kept as a case that fails on the broken code.
 */
let dataDir: string;
let standalone: BuiltProcess;
let simulator: ProviderSimulator;
let gatewayUrl: string;
let apiKey: string;

const toolCall = (id: string) => `[[tool lookup_order={"order_id":"${id}"}]]`;
const scenarios = [
  { includes: "Order: undefined", directives: Array(6).fill(toolCall("undefined")).join("[[then]]") },
  { includes: "Order: None", directives: Array(6).fill(toolCall("None")).join("[[then]]") },
  { includes: "Order: A-17", directives: `${toolCall("A-17")}[[then]][[say Your order A-17 is on its way.]]` },
];

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "spanhouse-replay-"));
  simulator = await startProviderSimulator({ script: scenarios });
  standalone = spanhouse(["start", "--data", dataDir], {
    ...{ SPANHOUSE_GATEWAY_PORT: "0", SPANHOUSE_QUERY_PORT: "0" },
    SPANHOUSE_REPLAY_MODEL_URL: `${simulator.url}/v1`,
    SPANHOUSE_REPLAY_MODEL_KEY: "sk-operator-0001",
  });
  gatewayUrl = (await standalone.says(/OTLP\/HTTP +(http:\S+)\/v1\/traces/))[1]!;
  apiKey = (await standalone.says(/API key +(\S+)\n/))[1]!;
});
afterAll(async () => {
  standalone.signal("SIGTERM");
  await Promise.all([standalone.ended, simulator.stop()]);
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

describe.each([
  { language: "TypeScript", dropped: "undefined" },
  { language: "Python", dropped: "None" },
] as const)("$language", ({ language, dropped }) => {
  test("traced, found, diagnosed, fixed, replayed, kept", async () => {
    const program = programs[language];
    const user = `ada of ${language}`;
    const input = JSON.stringify({ user, order: "A-17", question: "Where is it?" });
    await runLive([...program("broken"), input], simulator.url, { url: gatewayUrl, apiKey });
    const found = async () => (await run(["traces", "--user", user, "--json", "--data", dataDir])).stdout;
    await expect.poll(found, { timeout: 20_000 }).toContain('"calls":5');
    const { trace_id: traceId } = JSON.parse(await found()) as { trace_id: string };

    const diagnosis = await run(["diagnose", traceId, "--data", dataDir]);
    expect(diagnosis.code).toBe(3);
    expect(diagnosis.stdout).toContain("unfilled_variable");
    expect(diagnosis.stdout).toContain("call_repeated");

    const asked = simulator.requests().length;
    const unchanged = await run(["replay", traceId, "--data", dataDir, "--", ...program("broken"), "{input}"]);
    expect(unchanged.stdout).toContain("same as recorded");
    expect(unchanged.code).toBe(0);

    const fixed = [...program("fixed"), "{input}"];
    const first = await run(["replay", traceId, "--no-send", "--json", "--data", dataDir, "--", ...fixed]);
    expect(first.code, first.stdout).toBe(4);
    const missed = JSON.parse(first.stdout) as ReplayReport;
    expect(missed.spans[1]).toMatchObject({
      verdict: "changed_prompt",
      answered_by: "nothing",
      asked: [
        {
          path: "messages[0].content",
          recorded: `Order: ${dropped}\nWhere is it?`,
          replayed: "Order: A-17\nWhere is it?",
        },
      ],
    });
    expect(simulator.requests()).toHaveLength(asked);

    // The deployment's endpoint answers in the provider's place; neither the program nor the command has its key or address.
    const cases = join(dataDir, `cases of ${language}`);
    const options = ["--on-miss", "model", "--live", "tool:lookup_order", "--save", cases, "--data", dataDir];
    const second = await run(["replay", traceId, ...options, "--", ...fixed]);
    expect(second.stdout).toMatch(/diagnosis: fixed: unfilled_variable, call_repeated/);
    expect(second.stdout).toContain("+ Your order A-17 is on its way.");
    expect(second.code).toBe(3);
    expect(second.stdout).toMatch(new RegExp(`^side by side: http:\\S+/traces/${traceId}/compare/\\w{32}$`, "m"));
    expect(simulator.requests()).toHaveLength(asked + 2);

    const replays = async () =>
      (await run(["traces", "--tag", `replay_of:${traceId}`, "--environment", "replay", "--json", "--data", dataDir]))
        .stdout;
    await expect.poll(async () => (await replays()).split("\n").length - 1, { timeout: 20_000 }).toBe(2);
    const costs = (await replays())
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { cost: string }).cost);
    // Answers of a recording cost nothing, those of the endpoint what they cost.
    expect(costs.map(Number).sort()).toEqual([0, expect.any(Number)]);
    expect(Math.max(...costs.map(Number))).toBeGreaterThan(0);

    const set = ["replay", "--set", cases, "--"];
    const kept = await run([...set, ...fixed]);
    expect(kept.stdout).toContain("same as recorded");
    expect(kept.code).toBe(0);
    const regressed = await run([...set, ...program("broken"), "{input}"]);
    expect(regressed.code).toBe(4);
    expect(regressed.stdout).toContain("- Order: A-17");
    expect(regressed.stdout).toContain(`+ Order: ${dropped}`);
    expect(simulator.requests()).toHaveLength(asked + 2);

    // Many at once, by the filters of traces, as for one.
    const exported = join(dataDir, `exported of ${language}`);
    const taken = ["--format", "case", "--out", exported, "--redact", "order=A-\\d+"];
    const written = await run([
      "export",
      "--user",
      user,
      "--environment",
      "replay",
      ...taken,
      "--json",
      "--data",
      dataDir,
    ]);
    expect({ ...written, stdout: JSON.parse(written.stdout) }).toEqual({
      code: 0,
      stdout: { out: exported, traces: 2 },
    });
    const files = readdirSync(exported).map((name) => readFileSync(join(exported, name), "utf8"));
    expect(files.join("\n")).toContain("Order: [order]");
    expect(files.join("\n")).not.toContain("A-17");

    const saved = await run([
      "case",
      "save",
      traceId,
      "-o",
      join(dataDir, "broken.case.jsonl"),
      "--redact",
      "order=A-\\d+",
      "--data",
      dataDir,
    ]);
    expect(saved.code, saved.stdout).toBe(0);
    const text = readFileSync(join(dataDir, "broken.case.jsonl"), "utf8");
    expect(text).not.toContain("A-17");
    expect(text).toContain("[order]");
    // A dozen programs are started, one after the other.
  }, 120_000);
});
