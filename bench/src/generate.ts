import { parseArgs } from "node:util";
import { numberOf, timeOf } from "./arguments.ts";
import { runTraffic, type TrafficSent } from "./generator/run-traffic.ts";
import { writeLedger } from "./ledger/ledger-file.ts";
import { createGatewayOutlet } from "./outlets/gateway-outlet.ts";
import { createKafkaOutlet } from "./outlets/kafka-outlet.ts";
import type { Outlet } from "./outlets/outlet.ts";

const usage = `npm run generate -- --to kafka|gateway --ledger FILE [options]

  --to kafka            writes to the span log: --brokers HOST:PORT[,…] (127.0.0.1:9092), --topic NAME (otlp_spans),
                        --keyless (no key, many traces a record, no headers, as an OpenTelemetry Collector does)
  --to gateway          sends OTLP over HTTP: --url URL (http://127.0.0.1:4318), --key KEY (one a project)
  --ledger FILE         what every total must be afterwards, for npm run check-ledger
  --traces N            20000
  --seed N              7; the same seed gives the same bytes
  --start TIME          when the first trace begins (2026-10-05T00:00:00Z)
  --hours N             over how long traces begin (24)
  --project NAME        default; repeated for several
  --json                OTLP JSON instead of protobuf
  --rate N              spans a second at most
`;

/** A Monday that closed long ago: totals of whole days. */
const defaultStart = "2026-10-05T00:00:00Z";

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      to: { type: "string" },
      ledger: { type: "string" },
      brokers: { type: "string", default: "127.0.0.1:9092" },
      topic: { type: "string", default: "otlp_spans" },
      keyless: { type: "boolean", default: false },
      url: { type: "string", default: "http://127.0.0.1:4318" },
      key: { type: "string", multiple: true, default: [] },
      traces: { type: "string", default: "20000" },
      seed: { type: "string", default: "7" },
      start: { type: "string", default: defaultStart },
      hours: { type: "string", default: "24" },
      project: { type: "string", multiple: true, default: ["default"] },
      json: { type: "boolean", default: false },
      rate: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  if (values.ledger === undefined) throw new Error("--ledger: expected a file to write");
  const { ledger, sent } = await withOutlet(values, (outlet) =>
    runTraffic(outlet, {
      seed: numberOf("--seed", values.seed),
      traces: numberOf("--traces", values.traces),
      startMs: timeOf("--start", values.start),
      hours: numberOf("--hours", values.hours),
      projects: values.project,
      rate: values.rate === undefined ? undefined : numberOf("--rate", values.rate),
      progress: (so) => process.stderr.write(`${line(so)}\n`),
    }),
  );
  await writeLedger(values.ledger, ledger);
  process.stderr.write(`${line(sent)}; the ledger is ${values.ledger}\n`);
  process.stdout.write(`${JSON.stringify({ ...sent, ledger: values.ledger })}\n`);
}

interface OutletArguments {
  readonly to?: string | undefined;
  readonly brokers: string;
  readonly topic: string;
  readonly keyless: boolean;
  readonly json: boolean;
  readonly url: string;
  readonly key: readonly string[];
  readonly project: readonly string[];
}

async function withOutlet<T>(values: OutletArguments, work: (outlet: Outlet) => Promise<T>): Promise<T> {
  const outlet = await outletOf(values);
  try {
    return await work(outlet);
  } finally {
    await outlet.close();
  }
}

async function outletOf({ to, brokers, topic, keyless, json, url, key, project }: OutletArguments): Promise<Outlet> {
  if (to === "kafka") {
    if (keyless && project.length > 1)
      throw new Error("--keyless: such records name no project, expected one --project");
    return createKafkaOutlet({ brokers: brokers.split(","), topic, keyless, json });
  }
  if (to === "gateway") {
    if (key.length !== project.length) throw new Error(`--key: expected one a project, got ${key.length}`);
    return createGatewayOutlet({ url, keys: new Map(project.map((name, i) => [name, key[i]!])), json });
  }
  throw new Error(`--to: expected kafka or gateway, got ${to ?? "nothing"}`);
}

function line({ traces, spans, seconds }: TrafficSent): string {
  return `${traces} traces, ${spans} spans in ${seconds.toFixed(1)} s (${Math.round(spans / seconds)} spans/s)`;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
