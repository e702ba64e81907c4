import { type ParseArgsConfig, parseArgs } from "node:util";
import { numberOf } from "./arguments.ts";
import { alerts } from "./benchmarks/alerts.ts";
import { alertsIngest } from "./benchmarks/alerts-ingest.ts";
import type { Benchmark } from "./benchmarks/benchmark.ts";
import { diagnosis } from "./benchmarks/diagnosis.ts";
import { dialects } from "./benchmarks/dialects.ts";
import { gateway } from "./benchmarks/gateway.ts";
import { kill } from "./benchmarks/kill.ts";
import { latency } from "./benchmarks/latency.ts";
import { memory } from "./benchmarks/memory.ts";
import { outage } from "./benchmarks/outage.ts";
import { outcomes } from "./benchmarks/outcomes.ts";
import { pipeline } from "./benchmarks/pipeline.ts";
import { query } from "./benchmarks/query.ts";
import { replay } from "./benchmarks/replay.ts";
import { sdk } from "./benchmarks/sdk.ts";
import { sdkPython } from "./benchmarks/sdk-python.ts";
import { soak } from "./benchmarks/soak.ts";
import { storage } from "./benchmarks/storage.ts";
import { viewer } from "./benchmarks/viewer.ts";
import { createReport, tableOf, writeReport } from "./measure/report.ts";

const benchmarks: readonly Benchmark[] = [
  alerts,
  alertsIngest,
  pipeline,
  kill,
  latency,
  memory,
  outage,
  outcomes,
  dialects,
  diagnosis,
  gateway,
  query,
  replay,
  sdk,
  sdkPython,
  soak,
  storage,
  viewer,
];

async function main([name, ...args]: readonly string[]): Promise<void> {
  const benchmark = benchmarks.find((one) => one.name === name);
  if (!benchmark) throw new Error(`${name ?? "nothing"} is no benchmark\n\n${usage()}`);
  const { json, options } = argumentsOf(benchmark, args);
  const { figures, versions } = await benchmark.run(options, (line) => process.stderr.write(`${line}\n`));
  const report = createReport(benchmark.name, figures, versions);
  process.stdout.write(tableOf(report));
  if (json !== undefined) await writeReport(json, report);
  if (figures.some(({ ok }) => !ok)) process.exitCode = 1;
}

function argumentsOf({ options }: Benchmark, args: readonly string[]) {
  const known: NonNullable<ParseArgsConfig["options"]> = { json: { type: "string" } };
  for (const option of Object.keys(options)) known[option] = { type: "string" };
  const values = parseArgs({ args: [...args], options: known }).values as Readonly<Record<string, string | undefined>>;
  const given = Object.entries(options).map(([option, usual]) => {
    const value = values[option];
    return [option, value === undefined ? usual : numberOf(`--${option}`, value)] as const;
  });
  return { json: values.json, options: Object.fromEntries(given) };
}

function usage(): string {
  const lines = benchmarks.map(({ name, summary, options }) => {
    const listed = Object.entries(options).map(([option, usual]) => `--${option} ${usual}`);
    return `  npm run bench -- ${name} [--json FILE] ${listed.join(" ")}\n      ${summary}`;
  });
  return lines.join("\n");
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
