import { parseArgs } from "node:util";
import { numberOf } from "./arguments.ts";
import { drawFaults, windows } from "./chaos/draw-faults.ts";
import { builtGateway } from "./chaos/gateway-process.ts";
import { type ChaosResult, passed, runChaos } from "./chaos/run-chaos.ts";
import { builtCommand } from "./chaos/verify-command.ts";
import { builtConsumer } from "./measure/consumer-process.ts";
import { type LocalStack, startLocalStack } from "./measure/local-stack.ts";
import { createReport, type Figure, tableOf, writeReport } from "./measure/report.ts";

const usage = `npm run chaos -- [--runs N] [--seed S] [--traces N] [--json FILE]

  --runs N      20; run i draws its traffic and two to four faults by the seed S + i
  --seed S      1; with --runs 1 a run that failed is repeated
  --traces N    500 a run
  --json FILE   writes the figures

Two consumers work off Kafka into ClickHouse, both of this machine, while faults strike at named points. A run passes when
each of its faults happened, and then, at rest, nothing differs from the generator's ledger nor for spanhouse verify.
Ends with 0 where every run passed.
`;

/** A run waits for several sessions to end; a shorter one costs consumers on a loaded machine their place in the group. */
const sessionTimeoutMs = 4_000;
/** They refuse sessions below 6 s by default. */
const brokerProperties = { "group.min.session.timeout.ms": sessionTimeoutMs };

interface Run {
  readonly seed: number;
  readonly seconds: number;
  readonly result?: ChaosResult;
  readonly failure?: unknown;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      runs: { type: "string", default: "20" },
      seed: { type: "string", default: "1" },
      traces: { type: "string", default: "500" },
      json: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const count = numberOf("--runs", values.runs);
  const first = numberOf("--seed", values.seed);
  const traces = numberOf("--traces", values.traces);
  const stack = await startLocalStack(brokerProperties);
  try {
    const runs: Run[] = [];
    for (let seed = first; seed < first + count; seed++) {
      const run = await oneRun(stack, seed, traces);
      process.stdout.write(`${lineOf(run)}\n`);
      runs.push(run);
    }
    const report = createReport("chaos", figuresOf(runs), await stack.versions());
    process.stdout.write(tableOf(report));
    if (values.json !== undefined) await writeReport(values.json, report);
    process.exitCode = report.figures.every(({ ok }) => ok) ? 0 : 1;
  } finally {
    await stack.stop();
  }
}

async function oneRun(stack: LocalStack, seed: number, traces: number): Promise<Run> {
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  const tell = (line: string) => void process.stdout.write(`${line}\n`);
  tell(`seed ${seed}`);
  try {
    const faults = drawFaults(seed);
    const result = await runChaos({
      stack,
      consumer: builtConsumer,
      gateway: builtGateway,
      command: builtCommand,
      seed,
      traces,
      sessionTimeoutMs,
      faults,
      tell,
    });
    for (const { place, expected, got } of result.differences.slice(0, 20)) {
      tell(`  ${place}: expected ${expected}, got ${got}`);
    }
    for (const found of result.verified.slice(0, 20)) tell(`  verify: ${found}`);
    return { seed, seconds: seconds(), result };
  } catch (failure) {
    return { seed, seconds: seconds(), failure };
  }
}

function runPassed({ result }: Run): boolean {
  return result !== undefined && passed(result);
}

function lineOf(run: Run): string {
  const { seed, seconds, result, failure } = run;
  const verdict = runPassed(run) ? "passed" : "FAILED";
  const found = result
    ? `${result.spans} spans, ${result.compared} figures: ${result.differences.length} differences, verify ${result.verified.length}, dead letters ${result.deadLetters}`
    : String(failure instanceof Error ? (failure.stack ?? failure.message) : failure);
  return `  ${verdict} in ${seconds.toFixed(0)} s: ${found}${runPassed(run) ? "" : `\n  again: npm run chaos -- --runs 1 --seed ${seed}`}`;
}

function figuresOf(runs: readonly Run[]): Figure[] {
  const results = runs.flatMap(({ result }) => result ?? []);
  const sum = (of: (result: ChaosResult) => number) => results.reduce((all, result) => all + of(result), 0);
  const none = (name: string, value: number, unit: string): Figure => ({
    name,
    value,
    unit,
    target: 0,
    ok: value === 0,
  });
  const told = (name: string, value: number, unit: string): Figure => ({ name, value, unit, target: null, ok: true });
  const hits = new Map<string, number>();
  for (const { window } of results.flatMap(({ hit }) => hit)) hits.set(window, (hits.get(window) ?? 0) + 1);
  return [
    told("runs", runs.length, "runs"),
    none("runs that failed", runs.filter((run) => !runPassed(run)).length, "runs"),
    told(
      "spans",
      sum(({ spans }) => spans),
      "spans",
    ),
    told(
      "figures compared",
      sum(({ compared }) => compared),
      "figures",
    ),
    none(
      "differences from the ledger",
      sum(({ differences }) => differences.length),
      "figures",
    ),
    none(
      "differences for verify",
      sum(({ verified }) => verified.length),
      "differences",
    ),
    none(
      "faults missed",
      sum(({ missed }) => missed.length),
      "faults",
    ),
    ...windows.map((window) => told(`hit: ${window}`, hits.get(window) ?? 0, "times")),
  ];
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
