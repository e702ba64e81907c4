import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startExportSink } from "../measure/export-sink.ts";
import { type LineWorker, startLineWorker } from "../measure/line-worker.ts";
import { median } from "../measure/median.ts";
import type { Figure } from "../measure/report.ts";
import type { Benchmark } from "./benchmark.ts";

const folder = join(import.meta.dirname, "..", "..", "peers", "python");
const peers = ["langsmith", "langfuse", "braintrust", "openinference", "opentelemetry-openai-v2"];
/** The bare client twice: what the second adds to the first is the noise of this machine. */
const subjects = ["plain", "plain", "spanhouse", ...peers];
const kinds = [
  { kind: "call", of: "a plain call", share: 1 },
  { kind: "stream", of: "a stream of 101 chunks", share: 0.2 },
];

export const sdkPython: Benchmark = {
  name: "sdk-python",
  summary: "CPU that tracing adds to a call of the openai client in Python, export included, beside other SDKs",
  options: { rounds: 15, calls: 200, paced: 3_000 },

  async run({ rounds = 0, calls = 0, paced = 0 }, tell) {
    const python = environment(tell);
    const sink = await startExportSink();
    const workers: LineWorker[] = [];
    try {
      for (const subject of subjects) workers.push(await startWorker(python, subject, sink.url));
      const figures: Figure[] = [];
      for (const { kind, of, share } of kinds) {
        const count = Math.ceil(calls * share);
        for (const worker of workers) await run(worker, { kind, count });
        const rows: number[][] = [];
        for (let round = 0; round < rounds; round++) {
          const row: number[] = [];
          for (const worker of workers) row.push((await run(worker, { kind, count })).cpu_us);
          rows.push(row);
          tell(`${of}: round ${round + 1} of ${rounds}`);
        }
        figures.push(...figuresOf(of, rows));
      }
      figures.push(await lostWhenPaced(workers[subjects.indexOf("spanhouse")]!, paced));
      figures.push(importTime(python));
      return { figures, versions: versionsOf(python) };
    } finally {
      for (const worker of workers) worker.stop();
      sink.stop();
    }
  },
};

/** What each adds to the first bare client, the median over the rounds; ours held against half of the best peer's. */
function figuresOf(of: string, rows: readonly (readonly number[])[]): Figure[] {
  const base = (row: readonly number[]) => row[0]!;
  const added = subjects.map((_, column) => median(rows.map((row) => row[column]! - base(row))));
  const best = Math.min(...peers.map((peer) => added[subjects.indexOf(peer)]!));
  const unit = "µs CPU";
  return [
    { name: `${of}: the client itself`, value: median(rows.map(base)), unit, target: null, ok: true },
    ...subjects.flatMap((subject, column): Figure[] => {
      if (column === 0) return [];
      const name = `${of}: ${subject === "plain" ? "noise (the client again)" : `added by ${subject}`}`;
      const value = added[column]!;
      if (subject !== "spanhouse") return [{ name, value, unit, target: null, ok: true }];
      return [{ name, value, unit, target: best / 2, ok: value <= best / 2 }];
    }),
  ];
}

async function lostWhenPaced(worker: LineWorker, count: number): Promise<Figure> {
  const before = (await run(worker, { kind: "call", count: 1 })).delivery?.[0] ?? 0;
  const { delivery } = await run(worker, { kind: "call", count, per_second: 1_000 });
  const lost = count - ((delivery?.[0] ?? 0) - before);
  return { name: "spans lost at up to 1,000 calls a second", value: lost, unit: "spans", target: 0, ok: lost === 0 };
}

/** Of a process that does nothing else, over one that does nothing at all, by turns: what both have used of a processor. */
function importTime(python: string): Figure {
  const cwd = join(folder, "..", "..", "..", "sdk", "python", "src");
  // Compiled once, as an installed package is.
  const env = { PYTHONPYCACHEPREFIX: mkdtempSync(join(tmpdir(), "pyc-")) };
  const used = (program: string): number =>
    1_000 * Number(execFileSync(python, ["-c", `${program}; import time; print(time.process_time())`], { cwd, env }));
  used("import spanhouse");
  const rounds = Array.from({ length: 15 }, () => used("import spanhouse") - used("pass"));
  rmSync(env.PYTHONPYCACHEPREFIX, { recursive: true });
  const value = median(rounds);
  return { name: "import spanhouse, over bare Python", value, unit: "ms CPU", target: 50, ok: value <= 50 };
}

interface Command {
  readonly kind: string;
  readonly count: number;
  readonly per_second?: number;
}

interface Measured {
  readonly cpu_us: number;
  /** Sent, retried, dropped, pending, since its start; of spanhouse alone. */
  readonly delivery: readonly number[] | null;
}

const run = (worker: LineWorker, command: Command): Promise<Measured> => worker.run(command);

const startWorker = (python: string, subject: string, sink: string): Promise<LineWorker> =>
  startLineWorker(subject, python, [join(folder, "worker.py"), subject, sink]);

/** The interpreter of a virtual environment with the peers, made when it is missing or stale. */
function environment(tell: (line: string) => void): string {
  const place = join(folder, ".venv");
  const inside = join(place, "bin", "python");
  const requirements = join(folder, "requirements.txt");
  const lock = createHash("sha256").update(readFileSync(requirements)).digest("hex");
  const stamp = join(place, ".spanhouse-lock");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return inside;
  tell("installing the peers …");
  execFileSync("python3", ["-m", "venv", "--clear", place]);
  execFileSync(inside, ["-m", "pip", "install", "--quiet", "-r", requirements], { stdio: "inherit" });
  writeFileSync(stamp, lock);
  return inside;
}

function versionsOf(python: string): Record<string, string> {
  const listed = execFileSync(python, ["-m", "pip", "freeze"], { encoding: "utf8" });
  const wanted =
    /^(openai|httpx2|langsmith|langfuse|braintrust|openinference-instrumentation-openai|opentelemetry-instrumentation-openai-v2)==(.+)$/gm;
  const version = execFileSync(python, ["-c", "import platform; print(platform.python_version())"], {
    encoding: "utf8",
  });
  return {
    python: version.trim(),
    ...Object.fromEntries([...listed.matchAll(wanted)].map(([, name, of]) => [name, of])),
  };
}
