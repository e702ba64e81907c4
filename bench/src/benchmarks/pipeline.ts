import { runTraffic } from "../generator/run-traffic.ts";
import { startLocalStack } from "../measure/local-stack.ts";
import { median } from "../measure/median.ts";
import type { Figure } from "../measure/report.ts";
import { createKafkaOutlet } from "../outlets/kafka-outlet.ts";
import { buildCollector, collectorVersions } from "../pipeline/build-collector.ts";
import { collectAll } from "../pipeline/collector-round.ts";
import { type ConsumerRound, consumeAll } from "../pipeline/consumer-round.ts";
import { encodedRows, type FloorFormat, insertAll } from "../pipeline/floor-round.ts";
import type { Round } from "../pipeline/round.ts";
import type { Benchmark } from "./benchmark.ts";

const topic = "otlp_spans";
const spansPerTrace = 5;
const floorFormats: readonly FloorFormat[] = ["RowBinary", "Native"];

/** Rounds of everything that is compared, taken by turns. */
interface Rounds {
  readonly consumer: ConsumerRound[];
  readonly collector: Round[];
  readonly floor: Readonly<Record<FloorFormat, Round[]>>;
}

/**
 * From a filled Kafka topic to the tables: one consumer as it is deployed, by turns with the OpenTelemetry Collector and
 * with the floor, its own rows inserted as they are. The traffic is of the last few minutes, as a busy system's is.
 */
export const pipeline: Benchmark = {
  name: "pipeline",
  summary: "spans a second and CPU a span from Kafka to the tables, held against the ledger, a Collector and the floor",
  options: { spans: 200_000, minutes: 5, seed: 7, rounds: 1, collector: 1, floor: 1 },

  async run({ spans = 0, minutes = 0, seed = 0, rounds = 0, collector = 0, floor = 0 }, tell) {
    const program = collector === 0 ? undefined : await buildCollector(tell);
    const stack = await startLocalStack();
    try {
      const outlet = await createKafkaOutlet({ brokers: stack.brokers, topic, keyless: false, json: false });
      const { ledger, sent } = await runTraffic(outlet, {
        seed,
        traces: Math.ceil(spans / spansPerTrace),
        startMs: Date.now() - (minutes + 1) * 60_000,
        hours: minutes / 60,
        projects: ["default"],
        progress: (so) => tell(`produced ${so.spans} spans`),
      }).finally(() => outlet.close());

      const done: Rounds = { consumer: [], collector: [], floor: { RowBinary: [], Native: [] } };
      const add = <T extends Round>(name: string, to: T[], round: T) => {
        tell(`${name}: ${Math.round(sent.spans / round.seconds)} spans/s`);
        to.push(round);
      };
      for (let n = 1; n <= rounds; n++) {
        const group = `round_${n}`;
        add("consumer", done.consumer, await consumeAll(stack, { topic, group, ledger, sent }));
        if (program !== undefined) {
          add("collector", done.collector, await collectAll(stack, { program, topic, group: `collector_${n}`, sent }));
        }
        for (const format of floor === 0 ? [] : floorFormats) {
          const bodies = await encodedRows(stack, group, format);
          const database = `floor_${format.toLowerCase()}_${n}`;
          add(`floor, ${format}`, done.floor[format], await insertAll(stack, { bodies, database, format }));
        }
        const { clickhouse } = stack.database(group);
        await clickhouse.command(`DROP DATABASE ${group}`).finally(() => clickhouse.close());
      }
      const versions = await stack.versions();
      return {
        figures: figuresOf(done, sent.spans),
        versions: program === undefined ? versions : { ...versions, ...collectorVersions() },
      };
    } finally {
      await stack.stop();
    }
  },
};

function figuresOf({ consumer, collector, floor }: Rounds, spans: number): Figure[] {
  const of = (rounds: readonly Round[], value: (round: Round) => number) => median(rounds.map(value));
  const throughput = ({ seconds }: Round) => spans / seconds;
  const own = ({ ownCpuSeconds }: Round) => (ownCpuSeconds / spans) * 1e6;
  const clickhouse = ({ clickhouseCpuSeconds }: Round) => (clickhouseCpuSeconds / spans) * 1e6;
  const both = (round: Round) => own(round) + clickhouse(round);
  const memory = ({ ownPeakBytes }: Round) => ownPeakBytes / 2 ** 20;

  const figures: Figure[] = [measured("spans", spans, "spans")];
  const add = (name: string, rounds: readonly Round[], value: (round: Round) => number, unit: string) => {
    const values = rounds.map(value);
    figures.push(measured(name, median(values), unit));
    if (rounds.length === 1) return;
    figures.push(measured(`${name}, least`, Math.min(...values), unit));
    figures.push(measured(`${name}, greatest`, Math.max(...values), unit));
  };
  add("throughput", consumer, throughput, "spans/s");
  add("consumer CPU", consumer, own, "µs/span");
  add("ClickHouse CPU", consumer, clickhouse, "µs/span");
  add("consumer memory, peak", consumer, memory, "MiB");
  if (collector.length > 0) {
    add("Collector: throughput", collector, throughput, "spans/s");
    add("Collector: its CPU", collector, own, "µs/span");
    add("Collector: ClickHouse CPU", collector, clickhouse, "µs/span");
    add("Collector: memory, peak", collector, memory, "MiB");
    const ratio = (value: (round: Round) => number) => of(consumer, value) / of(collector, value);
    figures.push(
      atLeast("throughput / Collector's", ratio(throughput), 2),
      atMost("consumer CPU / Collector's", ratio(own), 0.45),
      atMost("both CPU / Collector's", ratio(both), 0.6),
      atMost("memory / Collector's", ratio(memory), 0.5),
    );
  }
  for (const format of floorFormats) {
    if (floor[format].length === 0) continue;
    add(`floor, ${format}: throughput`, floor[format], throughput, "spans/s");
    add(`floor, ${format}: ClickHouse CPU`, floor[format], clickhouse, "µs/span");
  }
  if (floor.RowBinary.length > 0) {
    const ratio = of(consumer, throughput) / of(floor.RowBinary, throughput);
    figures.push(atLeast("throughput / floor's (RowBinary)", ratio, 0.5));
  }
  const differences = consumer.reduce((sum, round) => sum + round.differences, 0);
  figures.push({
    ...{ name: "differences from the ledger", value: differences, unit: "figures" },
    ...{ target: 0, ok: differences === 0 },
  });
  return figures;
}

function measured(name: string, value: number, unit: string): Figure {
  return { name, value, unit, target: null, ok: true };
}

function atLeast(name: string, value: number, target: number): Figure {
  return { name, value, unit: "×", target, ok: value >= target };
}

function atMost(name: string, value: number, target: number): Figure {
  return { name, value, unit: "×", target, ok: value <= target };
}
