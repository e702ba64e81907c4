import { laneCount } from "@spanhouse/schemas/lane";

/**
 * Which shard a row lies on. All of a trace lies on one, and its minute slices with it: a lane is one shard's. So a flush
 * reads back from one shard what it wrote there, and a roll adds up rows that lie beside each other.
 */
const lane = "lane";
/** The lane of rows that do not tell it: Kafka's murmur2 without its sign. */
const laneOfTrace = `kafkaMurmurHash(lower(hex(trace_id))) % ${laneCount}`;
const folded = (seconds: number) => `intDiv(toUnixTimestamp(bucket), ${seconds})`;
/** Small: what people have set, and the pipeline's account of itself. */
const firstShard = "0";

const keys: Readonly<Record<string, string>> = {
  spans: lane,
  span_payloads: lane,
  rollup_minute: lane,
  trace_buckets: laneOfTrace,
  traces: laneOfTrace,
  open_spans: laneOfTrace,
  scores: laneOfTrace,
  erased_traces: laneOfTrace,
  // An hour is one row of all lanes, for where it has a row its minutes are not read: hours take turns.
  rollup_hour: folded(3600),
  rollup_day: folded(86_400),
};

/** The expression that gives a row its shard, modulo their number. Versions of one row give the same. */
export function shardingKeyOf(table: string): string {
  return keys[table] ?? firstShard;
}
