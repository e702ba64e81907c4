import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import { type Delivery, deliveriesOf } from "../generator/deliveries.ts";
import { planHugeTrace } from "../generator/huge-trace.ts";
import { createRandom } from "../generator/random.ts";
import { runTraffic } from "../generator/run-traffic.ts";
import { traffic } from "../generator/traffic.ts";
import { LedgerBook } from "../ledger/ledger-book.ts";
import { startIdleStandalone } from "../measure/idle-standalone.ts";
import { type LocalStack, startLocalStack } from "../measure/local-stack.ts";
import { median } from "../measure/median.ts";
import type { Figure } from "../measure/report.ts";
import { createKafkaOutlet } from "../outlets/kafka-outlet.ts";
import type { Outlet } from "../outlets/outlet.ts";
import { type ConsumedTopic, consumeAll } from "../pipeline/consumer-round.ts";
import type { Benchmark } from "./benchmark.ts";

const MiB = 2 ** 20;
const projects = ["default"];
const spansPerTrace = 5;
/** Below what a topic takes, which is 10 MB. */
const hugeRecordBytes = 9_500_000;
/** What must do for records and traces of any size. */
const boundedHeap = ["--max-old-space-size=256"];

/** What a topic holds, for one consumer. */
interface Load {
  readonly name: string;
  readonly nodeArguments: readonly string[];
  /** Of the consumer's memory, MiB; null: only that it comes to its end, with nothing amiss. */
  readonly target: number | null;
  fill(outlet: Outlet): Promise<Pick<ConsumedTopic, "ledger" | "sent">>;
}

/**
 * The most that is resident: a consumer at full speed on 8 partitions; with 256 MB for its heap, one trace of many spans
 * and records as large as there are; and standalone with ClickHouse, started and left alone.
 */
export const memory: Benchmark = {
  name: "memory",
  summary:
    "what a consumer holds at full speed, with a huge trace and with huge records; what standalone holds when idle",
  options: { spans: 200_000, huge: 100_000, records: 20, starts: 4, seed: 7 },

  async run({ spans = 0, huge = 0, records = 0, starts = 0, seed = 0 }, tell) {
    const startMs = Date.now() - 6 * 60_000;
    const loads: readonly Load[] = [
      {
        ...{ name: "a consumer at full speed", nodeArguments: [], target: 400 },
        fill: (outlet) =>
          runTraffic(outlet, { seed, traces: Math.ceil(spans / spansPerTrace), startMs, hours: 5 / 60, projects }),
      },
      {
        ...{ name: `a heap of 256 MB, a trace of ${huge} spans`, nodeArguments: boundedHeap, target: null },
        async fill(outlet) {
          const book = new LedgerBook(projects);
          const trace = planHugeTrace(seed, huge, startMs * 1_000, projects[0]!);
          book.add(trace);
          const deliveries = deliveriesOf(trace, createRandom(seed));
          await outlet.send(deliveries);
          return { ledger: book.ledger(), sent: { deliveries: deliveries.length } };
        },
      },
      {
        ...{ name: `a heap of 256 MB, ${records} records of 9.5 MB`, nodeArguments: boundedHeap, target: null },
        async fill(outlet) {
          const book = new LedgerBook(projects);
          const traces = Math.ceil((records * hugeRecordBytes) / 2_300 / spansPerTrace);
          const deliveries = [...traffic({ seed, traces, startMs, hours: 5 / 60, projects }, (one) => book.add(one))];
          const joined = hugeRecords(deliveries);
          for (const record of joined) await outlet.send([record]);
          return { ledger: book.ledger(), sent: { deliveries: joined.length } };
        },
      },
    ];
    const figures: Figure[] = [];
    const stack = await startLocalStack();
    try {
      for (const [n, load] of loads.entries()) figures.push(...(await measured(stack, `memory_${n}`, load)));
      for (const { name, value, unit } of figures) tell(`${name}: ${Math.round(value)} ${unit}`);
    } finally {
      await stack.stop();
    }
    const { readyMs, residentBytes } = await startIdleStandalone({ starts, idleMs: 10_000 });
    const [first, ...later] = readyMs;
    const ready = median(later.length > 0 ? later : readyMs);
    figures.push(
      { name: "standalone, idle, all processes", ...atMost(residentBytes / MiB, 500), unit: "MiB" },
      { name: "standalone, ready for the first time", value: first!, unit: "ms", target: null, ok: true },
      { name: "standalone, ready again", ...atMost(ready, 3_000), unit: "ms" },
    );
    return { figures, versions: {} };
  },
};

async function measured(stack: LocalStack, group: string, load: Load): Promise<Figure[]> {
  const outlet = await createKafkaOutlet({ brokers: stack.brokers, topic: group, keyless: false, json: false });
  const filled = await load.fill(outlet).finally(() => outlet.close());
  const { nodeArguments, name, target } = load;
  const { ownPeakBytes, differences } = await consumeAll(stack, { topic: group, group, ...filled, nodeArguments });
  const peak = ownPeakBytes / MiB;
  return [
    { name, ...(target === null ? { value: peak, target, ok: true } : atMost(peak, target)), unit: "MiB" },
    { name: `${name}, differences from the ledger`, ...atMost(differences, 0), unit: "figures" },
  ];
}

function atMost(value: number, target: number): Pick<Figure, "value" | "target" | "ok"> {
  return { value, target, ok: value <= target };
}

/** Neighbouring deliveries as one record each, as large as a topic takes. */
function hugeRecords(deliveries: readonly Delivery[]): Delivery[] {
  const records: Delivery[] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const delivery of deliveries) {
    const size = encodeTraces(delivery.request).length;
    const last = records.at(-1);
    if (last === undefined || bytes + size > hugeRecordBytes) {
      records.push(delivery);
      bytes = size;
      continue;
    }
    const resourceSpans = [...last.request.resourceSpans, ...delivery.request.resourceSpans];
    records[records.length - 1] = { ...last, spans: last.spans + delivery.spans, request: { resourceSpans } };
    bytes += size;
  }
  return records;
}
