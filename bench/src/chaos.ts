import { inspect, parseArgs } from "node:util";
import { numberOf } from "./arguments.ts";
import { type ChaosResult, type ChaosRun, passed } from "./chaos/chaos-run.ts";
import { type DrawnRun, drawRun, oneFault, windows } from "./chaos/draw-run.ts";
import { builtGateway } from "./chaos/gateway-process.ts";
import { runKafkaChaos } from "./chaos/run-kafka-chaos.ts";
import { runStandaloneChaos } from "./chaos/run-standalone-chaos.ts";
import { builtCommand } from "./chaos/verify-command.ts";
import { builtConsumer } from "./measure/consumer-process.ts";
import { type LocalStack, startLocalStack } from "./measure/local-stack.ts";
import { createReport, type Figure, tableOf, writeReport } from "./measure/report.ts";

const usage = `npm run chaos -- [--runs N] [--seed S] [--traces N] [--json FILE]

  --runs N      20; run i draws its traffic and two to four faults by the seed S + i
  --seed S      1; with --runs 1 a run that failed is repeated
  --traces N    500 a run
  --window W    only faults of windows whose names hold W, one a run, by turns
  --json FILE   writes the figures

Two consumers work off Kafka into ClickHouse, both of this machine, or every third time standalone works off OTLP, while
faults strike at named points. A run passes when each of its faults happened, and then, at rest, nothing differs from the generator's ledger nor for spanhouse verify.
Ends with 0 where every run passed.
`;

/** A run waits for several sessions to end; a shorter one costs consumers on a loaded machine their place in the group. */
const sessionTimeoutMs = 4_000;
/** They refuse sessions below 6 s by default. */
const brokerProperties = { "group.min.session.timeout.ms": sessionTimeoutMs };

/** Started when the first run needs one of so many brokers; the one before ends then. */
interface Stacks {
  withBrokers(count: number): Promise<LocalStack>;
  versions(): Promise<Readonly<Record<string, string>>>;
  stop(): Promise<void>;
}

function createStacks(): Stacks {
  let current: { readonly brokers: number; readonly stack: LocalStack } | undefined;
  let versions: Readonly<Record<string, string>> = {};
  const stop = async () => {
    await current?.stack.stop();
    current = undefined;
  };
  return {
    async withBrokers(brokers) {
      if (current?.brokers === brokers) return current.stack;
      await stop();
      const stack = await startLocalStack({ properties: brokerProperties, brokers, proxied: true, smallDisk: true });
      current = { brokers, stack };
      versions = await stack.versions();
      return stack;
    },
    versions: () => Promise.resolve(versions),
    stop,
  };
}

interface RunChosen {
  readonly seed: number;
  readonly traces: number;
  readonly window: string | undefined;
}

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
      window: { type: "string" },
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
  const stacks = createStacks();
  try {
    const runs: Run[] = [];
    for (let seed = first; seed < first + count; seed++) {
      const run = await oneRun(stacks, { seed, traces, window: values.window });
      process.stdout.write(`${lineOf(run)}\n`);
      runs.push(run);
    }
    const report = createReport("chaos", figuresOf(runs), await stacks.versions());
    process.stdout.write(tableOf(report));
    if (values.json !== undefined) await writeReport(values.json, report);
    process.exitCode = report.figures.every(({ ok }) => ok) ? 0 : 1;
  } finally {
    await stacks.stop();
  }
}

async function oneRun(stacks: Stacks, { seed, traces, window }: RunChosen): Promise<Run> {
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  const tell = (line: string) => void process.stdout.write(`${line}\n`);
  tell(`seed ${seed}`);
  try {
    const run = window === undefined ? drawRun(seed) : oneFault(window, seed);
    const result = await resultOf(run, stacks, { seed, traces, tell });
    for (const { place, expected, got } of result.differences.slice(0, 20)) {
      tell(`  ${place}: expected ${expected}, got ${got}`);
    }
    for (const found of result.verified.slice(0, 20)) tell(`  verify: ${found}`);
    return { seed, seconds: seconds(), result };
  } catch (failure) {
    return { seed, seconds: seconds(), failure };
  }
}

async function resultOf(
  run: DrawnRun,
  stacks: Stacks,
  told: Pick<ChaosRun, "seed" | "traces" | "tell">,
): Promise<ChaosResult> {
  const command = builtCommand;
  if (run.kind === "standalone") {
    return runStandaloneChaos({ ...told, command, stack: await stacks.withBrokers(1), faults: run.faults });
  }
  const stack = await stacks.withBrokers(Math.max(...run.faults.map(({ brokers = 1 }) => brokers)));
  const programs = { command, consumer: builtConsumer, gateway: builtGateway };
  return runKafkaChaos({ ...told, ...programs, stack, sessionTimeoutMs, faults: run.faults });
}

function runPassed({ result }: Run): boolean {
  return result !== undefined && passed(result);
}

function lineOf(run: Run): string {
  const { seed, seconds, result, failure } = run;
  const verdict = runPassed(run) ? "passed" : "FAILED";
  const found = result
    ? `${result.spans} spans, ${result.compared} figures: ${result.differences.length} differences, verify ${result.verified.length}, wrong dead letters ${result.wrongLetters}`
    : inspect(failure);
  return `  ${verdict} in ${seconds.toFixed(0)} s: ${found}${runPassed(run) ? "" : `\n  again, with --window where that was given: npm run chaos -- --runs 1 --seed ${seed}`}`;
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
