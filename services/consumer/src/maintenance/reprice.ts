import { randomUUID } from "node:crypto";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { createProjects } from "@spanhouse/store/projects";
import { createRepricings } from "@spanhouse/store/repricings";
import type { CheckedRange } from "@spanhouse/store/slices/slice-check";
import { restamp } from "@spanhouse/store/spans/restamp";
import { createSpanWriter } from "@spanhouse/store/spans/span-writer";
import { countValued, type ValuedRange, type ValuedRow, valuedRows } from "@spanhouse/store/spans/valued-rows";
import { type Stretch, stretchesOf } from "@spanhouse/store/traces/traces-in-range";
import type { ActiveDerivation, DerivationSource } from "../derivation.ts";
import type { Valuation } from "../derive/valuate.ts";
import { drawWriter } from "../live-traces.ts";
import { createRebuilder } from "./rebuild-stretch.ts";

export interface RepriceOptions {
  readonly clickhouse: ClickHouse;
  /** What is activated: the same that the consumers of the deployment derive by. */
  readonly derivation: DerivationSource;
  readonly changedBy: string;
  readonly reason: string;
  readonly signal: AbortSignal;
}

/** A piece of the spans that is restamped and summed up again. */
export interface RepricedStretch {
  readonly stretch: Stretch;
  /** The activation number. */
  readonly number: number;
  readonly restamped: number;
  readonly traces: number;
  readonly slices: number;
  /** What changed of rows that count, as they were read; pico-dollars. */
  readonly costChange: bigint;
  readonly estimatedCostChange: bigint;
}

/** Every span that is stored. */
const everything: CheckedRange = { project: undefined, from: 0, to: Math.floor((2 ** 32 - 1) / 60) };

/** After so many rounds somebody goes on writing rows under other prices: another version, or another environment. */
const rounds = 10;

/**
 * Activates the prices and rules of now and restamps every unfrozen row below their number until none is, stretch by
 * stretch, oldest first; marks stay. A stretch that was told is restamped and summed up. Beside live traffic: it writes
 * itself down as a writer of each trace before it raises rows of it, and a consumer that knows the trace by heart reads it
 * again. A rule that comes meanwhile begins another round under its number. Killed at any point, the next run goes
 * through everything again, for it cannot know what was restamped and not summed up.
 *
 * Returns how many rows are still below the number: not 0 where a program that prices by something else goes on writing.
 */
export async function* reprice(options: RepriceOptions): AsyncGenerator<RepricedStretch, number> {
  const { clickhouse, derivation, changedBy, reason, signal } = options;
  const currentDerivation = derivation(clickhouse);
  const repricings = createRepricings(clickhouse);
  const projects = createProjects(clickhouse);
  const writer = drawWriter();
  const spanWriter = createSpanWriter(clickhouse);
  const totals = { rows: 0, costChange: 0n, estimatedCostChange: 0n };

  let frozen = await projects.frozenTimes();
  const rebuilder = createRebuilder({ clickhouse, writer, signal });

  async function repriceStretch(stretch: Stretch, { price, valuate }: ActiveDerivation): Promise<RepricedStretch> {
    const changed = { restamped: 0, costChange: 0n, estimatedCostChange: 0n };
    for await (const rows of valuedRows(clickhouse, { ...stretch, frozen, belowPrice: price })) {
      signal.throwIfAborted();
      await spanWriter.writeBuckets(bucketsOf(rows), writer);
      const valued = rows.map((row) => ({ row, value: valuate(row) }));
      await restamp(clickhouse, valued, price);
      changed.restamped += rows.length;
      for (const { row, value } of valued) {
        const { cost, estimatedCost } = changeOf(row, value);
        changed.costChange += cost;
        changed.estimatedCostChange += estimatedCost;
      }
    }
    const { traces, slices } = await rebuilder.stretch(stretch);
    return { stretch, number: price, ...changed, traces, slices };
  }

  let active = await currentDerivation();
  let whole = await repricings.anyUnfinished(active.price);
  const run = { run: randomUUID(), changedBy, reason };
  await repricings.begin({ ...run, number: active.price });
  const below = (): ValuedRange => ({ ...everything, frozen, belowPrice: active.price });

  for (let round = 0; round < rounds; round++) {
    for (const stretch of await stretchesOf(clickhouse, everything)) {
      signal.throwIfAborted();
      const rows = await countValued(clickhouse, { ...stretch, frozen, ...(!whole && { belowPrice: active.price }) });
      if (rows === 0) continue;
      const done = await repriceStretch(stretch, active);
      totals.rows += done.restamped;
      totals.costChange += done.costChange;
      totals.estimatedCostChange += done.estimatedCostChange;
      yield done;
    }
    whole = false;
    frozen = await projects.frozenTimes();
    const now = await currentDerivation();
    if (now.price !== active.price) {
      active = now;
      await repricings.begin({ ...run, number: active.price });
    } else if ((await countValued(clickhouse, below())) === 0) break;
  }
  await rebuilder.finish();
  const left = await countValued(clickhouse, below());
  await repricings.end({ ...run, number: active.price }, totals);
  return left;
}

/** What a new value changes of the sums. Void rows and aggregates are in none. */
export function changeOf(
  row: ValuedRow,
  { price }: Valuation,
): { readonly cost: bigint; readonly estimatedCost: bigint } {
  if (row.void || row.aggregate) return { cost: 0n, estimatedCost: 0n };
  return { cost: price.cost - row.price.cost, estimatedCost: price.estimatedCost - row.price.estimatedCost };
}

function bucketsOf(rows: readonly ValuedRow[]) {
  const distinct = new Map(rows.map((row) => [`${row.bucket} ${row.traceId} ${row.project}`, row]));
  return [...distinct.values()].map(({ project, traceId, bucket }) => ({ project, traceId, bucket }));
}
