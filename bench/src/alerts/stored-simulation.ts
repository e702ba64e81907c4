import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { RowBinaryWriter } from "@spanhouse/store/row-binary";
import { createRandom } from "../generator/random.ts";
import type { Incident } from "./incidents.ts";
import { createSimulation, type SimulatedCalls } from "./simulated-minutes.ts";
import type { SimulatedService } from "./simulated-services.ts";

export interface Simulation {
  readonly project: string;
  readonly seed: number;
  readonly services: readonly SimulatedService[];
  readonly incidents: readonly Incident[];
  /** Minutes since the epoch, whole days: before `from` there are hours alone, which a baseline is made of. */
  readonly history: number;
  readonly from: number;
  readonly to: number;
}

const texts = [
  "service",
  "provider",
  "response_model",
  "feature",
  "region",
  "outcome",
  "refusal",
  "error_class",
] as const;
/** What the simulation does not vary: the same on every row, or nothing. */
const empty = ["environment", "release", "team", "cost_centre", "prompt", "credential", "service_tier"] as const;
const nothing = [
  "input_tokens",
  "cache_read_tokens",
  "cache_write_tokens",
  "output_tokens",
  "reasoning_tokens",
] as const;
const noMoney = ["estimated_cost", "cache_savings", "wasted_cost"] as const;
const day = 1440;

/** The calls of one minute since the epoch. */
export type SimulatedMinute = readonly [minute: number, calls: readonly SimulatedCalls[]];

/** Every minute of the simulation, a day at a time. The same simulation gives the same. */
export function* simulatedDays({ seed, services, incidents, history, to }: Simulation): Generator<SimulatedMinute[]> {
  const simulations = services.map((service, i) =>
    createSimulation(
      createRandom(seed, 1000 + i),
      service,
      incidents.filter((incident) => incident.service === service),
    ),
  );
  for (let begin = history; begin < to; begin += day) {
    yield Array.from({ length: day }, (_, i) => [begin + i, simulations.flatMap((callsOf) => callsOf(begin + i))]);
  }
}

/**
 * Writes the slices that a consumer would have made of the calls, without the spans: hundreds of millions of them are
 * more than can be sent here. `npm run bench -- alerts-ingest` sends a part, and compares.
 */
export async function storeSimulation(clickhouse: ClickHouse, simulation: Simulation, tell: (line: string) => void) {
  const { project, history, from } = simulation;
  const slices = await createSliceStore(clickhouse, project);
  for (const minutes of simulatedDays(simulation)) {
    const [begin] = minutes[0]!;
    if (begin >= from) await slices.storeMinutes(minutes);
    await slices.storeHours(minutes);
    if ((begin - history) % (7 * day) === 0) tell(`simulated ${(begin - history) / day} days`);
  }
  await slices.close();
}

/** Simulated calls as slices of a project. */
export interface SliceStore {
  storeMinutes(minutes: readonly SimulatedMinute[]): Promise<void>;
  /** Whole hours of them. */
  storeHours(minutes: readonly SimulatedMinute[]): Promise<void>;
  close(): Promise<void>;
}

export async function createSliceStore(clickhouse: ClickHouse, project: string): Promise<SliceStore> {
  await clickhouse.command(
    `CREATE TABLE simulated (bucket DateTime('UTC'), ${texts
      .map((column) => `${column} Array(LowCardinality(String))`)
      .join(", ")}, calls Array(UInt64), cost Array(Decimal(38, 12))) ENGINE = MergeTree ORDER BY bucket`,
  );
  const writer = new RowBinaryWriter();
  return {
    storeMinutes: (minutes) => store("rollup_minute", "lane", minutes),
    storeHours: (minutes) => store("rollup_hour", "shard", hoursOf(minutes)),
    close: () => clickhouse.command("DROP TABLE simulated"),
  };

  async function store(
    table: "rollup_minute" | "rollup_hour",
    part: "lane" | "shard",
    rows: readonly SimulatedMinute[],
  ): Promise<void> {
    writer.reset();
    for (const [minute, calls] of rows) {
      writer.dateTime(minute * 60);
      for (const column of texts) {
        writer.arrayLength(calls.length);
        for (const one of calls) writer.string(one[column]);
      }
      writer.arrayLength(calls.length);
      for (const one of calls) writer.uint64(one.calls);
      writer.arrayLength(calls.length);
      for (const one of calls) writer.decimal128(one.cost);
    }
    await clickhouse.command("TRUNCATE TABLE simulated");
    await clickhouse.insert("simulated", ["bucket", ...texts, "calls", "cost"], writer.bytes());
    const filled = (columns: readonly string[], value: string) =>
      columns.map((column) => [column, `arrayWithConstant(length(calls), ${value})`] as const);
    const columns = [
      ...[...texts, "calls", "cost"].map((column) => [column, column] as const),
      ...filled(empty, "''"),
      ...filled(nothing, "toUInt64(0)"),
      ...filled(["duration_us"], "toUInt64(0)"),
      ...filled(noMoney, "toDecimal128(0, 12)"),
      ...filled(["operation"], "'chat'"),
      ...filled(["price_state"], "'priced'"),
      ...filled(["is_retry"], "false"),
      ["request_model", "response_model"] as const,
    ];
    await clickhouse.command(
      `INSERT INTO ${table} (project, kind, bucket, ${part}, rank, ${columns.map(([column]) => column).join(", ")})
       SELECT {project:String}, 'spend', bucket, 0, 1, ${columns.map(([, sql]) => sql).join(", ")} FROM simulated`,
      { project },
    );
  }
}

/** Calls and cost of the minutes [from, to), by minute and dimensions, whoever made the slices. */
export async function readCells(
  clickhouse: ClickHouse,
  project: string,
  from: number,
  to: number,
): Promise<ReadonlyMap<string, string>> {
  const each = [...texts, "calls", "cost"].map((column) => `${column} AS each_${column}`).join(", ");
  const rows = await clickhouse.queryRows<readonly string[]>(
    `SELECT formatDateTime(bucket, '%FT%R'), ${texts.map((column) => `each_${column}`).join(", ")},
       toString(sum(each_calls)), toString(sum(each_cost))
     FROM rollup_minute FINAL ARRAY JOIN ${each}
     WHERE project = {project:String} AND kind = 'spend'
       AND bucket >= toDateTime({from:UInt32}, 'UTC') AND bucket < toDateTime({to:UInt32}, 'UTC')
     GROUP BY ALL`,
    { project, from: from * 60, to: to * 60 },
  );
  return new Map(rows.map((row) => [row.slice(0, -2).join(" "), row.slice(-2).join(" calls, $")]));
}

/** Whole hours, of calls that are alike one. */
function hoursOf(minutes: readonly SimulatedMinute[]): SimulatedMinute[] {
  const hours = new Map<number, Map<string, SimulatedCalls>>();
  for (const [minute, calls] of minutes) {
    const hour = Math.floor(minute / 60) * 60;
    const alike = hours.get(hour) ?? new Map<string, SimulatedCalls>();
    hours.set(hour, alike);
    for (const one of calls) {
      const key = texts.map((column) => one[column]).join(" ");
      const known = alike.get(key);
      alike.set(key, known ? { ...one, calls: known.calls + one.calls, cost: known.cost + one.cost } : one);
    }
  }
  return [...hours].map(([hour, alike]) => [hour, [...alike.values()]] as const);
}
