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

/**
 * Writes the slices that a consumer would have made of the calls, without the spans: hundreds of millions of them are
 * more than can be sent here.
 */
export async function storeSimulation(clickhouse: ClickHouse, simulation: Simulation, tell: (line: string) => void) {
  const { project, seed, services, incidents, history, from, to } = simulation;
  await clickhouse.command(
    `CREATE TABLE simulated (bucket DateTime('UTC'), ${texts
      .map((column) => `${column} Array(LowCardinality(String))`)
      .join(", ")}, calls Array(UInt64), cost Array(Decimal(38, 12))) ENGINE = MergeTree ORDER BY bucket`,
  );
  const simulations = services.map((service, i) =>
    createSimulation(
      createRandom(seed, 1000 + i),
      service,
      incidents.filter((incident) => incident.service === service),
    ),
  );
  const writer = new RowBinaryWriter();
  for (let begin = history; begin < to; begin += day) {
    const minutes: (readonly [minute: number, calls: readonly SimulatedCalls[]])[] = [];
    for (let minute = begin; minute < begin + day; minute++) {
      minutes.push([minute, simulations.flatMap((callsOf) => callsOf(minute))]);
    }
    if (begin >= from) await store("rollup_minute", "lane", minutes);
    await store("rollup_hour", "shard", hoursOf(minutes));
    if ((begin - history) % (7 * day) === 0) tell(`simulated ${(begin - history) / day} days`);
  }
  await clickhouse.command("DROP TABLE simulated");

  async function store(
    table: "rollup_minute" | "rollup_hour",
    part: "lane" | "shard",
    rows: readonly (readonly [minute: number, calls: readonly SimulatedCalls[]])[],
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

/** Whole hours, of calls that are alike one. */
function hoursOf(minutes: readonly (readonly [minute: number, calls: readonly SimulatedCalls[]])[]) {
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
