import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median } from "../measure/median.ts";
import type { Figure } from "../measure/report.ts";
import type { Benchmark } from "./benchmark.ts";

const repository = join(import.meta.dirname, "..", "..", "..");
const command = join(repository, "services", "standalone", "dist", "main.js");
const program = join(repository, "bench", "programs", "replayed.mjs");
const orders = ["sequential", "concurrent"] as const;
const targetSeconds = 10;

export const replay: Benchmark = {
  name: "replay",
  summary: "how long spanhouse replay takes for a case of so many spans, from its start to its report",
  options: { spans: 1_000, rounds: 5 },

  async run({ spans = 0, rounds = 0 }, tell) {
    const folder = mkdtempSync(join(tmpdir(), "spanhouse-bench-replay-"));
    const turns = Math.ceil((spans - 1) / 2);
    const figures: Figure[] = [];
    try {
      const file = join(folder, "count.case.jsonl");
      writeFileSync(file, caseOf(turns));
      for (const order of orders) {
        const seconds: number[] = [];
        for (let round = 0; round < rounds; round++) {
          seconds.push(await timed(file, [String(turns), order]));
          tell(`${order}, round ${round + 1}: ${seconds.at(-1)!.toFixed(2)} s`);
        }
        const value = median(seconds);
        const name = `replay of ${1 + 2 * turns} spans, ${order}, median of ${rounds}`;
        figures.push({ name, value, unit: "s", target: targetSeconds, ok: value <= targetSeconds });
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    return { figures, versions: {} };
  },
};

/** Seconds of the whole command. Throws where the replay is not the same as recorded. */
async function timed(file: string, args: readonly string[]): Promise<number> {
  const started = performance.now();
  const child = spawn(process.execPath, [command, "replay", "--set", file, "--", process.execPath, program, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { PATH: "", OPENAI_BASE_URL: "http://127.0.0.1:0/v1" },
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`the replay ended with ${code}: ${said.slice(-2_000)}`);
  return (performance.now() - started) / 1000;
}

/** A recording of the program, without a provider: docs/guides/replay.md has the format. */
function caseOf(turns: number): string {
  const header = { spanhouse_case: 1, name: "count", trace_id: "1".repeat(32), service: "replayed" };
  const output = turns * (turns - 1);
  const lines: object[] = [
    { ...header, start_time: "2026-11-01T00:00:00.000000Z", redact: [] },
    { span: 1, parent: null, name: "count", kind: 1, attributes: {} },
    { span: 1, text: "input", raw: String(turns) },
    { span: 1, text: "output", raw: String(output) },
  ];
  const chat = { "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "http.response.status_code": 200 };
  const tool = { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "double" };
  for (let i = 0; i < turns; i++) {
    const [call, double] = [2 + 2 * i, 3 + 2 * i];
    const request = { model: "gpt-4o", messages: [{ role: "user", content: `What is ${i} and ${i}?` }] };
    const message = { role: "assistant", content: `It is ${2 * i}.` };
    const response = {
      ...{ id: `chatcmpl-${i}`, object: "chat.completion", model: "gpt-4o-2024-08-06" },
      choices: [{ index: 0, message, finish_reason: "stop" }],
      usage: { prompt_tokens: 12, completion_tokens: 6, total_tokens: 18 },
    };
    lines.push(
      { span: call, parent: 1, name: "chat gpt-4o", kind: 3, attributes: chat },
      { span: call, text: "request", json: request },
      { span: call, text: "response", json: response },
      { span: double, parent: 1, name: "execute_tool double", kind: 1, attributes: tool },
      { span: double, text: "arguments", raw: String(i) },
      { span: double, text: "result", raw: String(2 * i) },
    );
  }
  const times = Array.from({ length: 1 + 2 * turns }, (_, i) => [i, 1]);
  return [...lines, { times }].map((line) => `${JSON.stringify(line)}\n`).join("");
}
