import type { ClickHouse } from "@spanhouse/store/clickhouse";
import type { CheckedRange } from "@spanhouse/store/slices/slice-check";
import { stretchesOf } from "@spanhouse/store/traces/traces-in-range";
import { drawWriter } from "../live-traces.ts";
import { createRebuilder, type RebuiltStretch } from "./rebuild-stretch.ts";

export interface RebuildOptions {
  readonly clickhouse: ClickHouse;
  readonly range: CheckedRange;
  readonly signal: AbortSignal;
}

/**
 * Marks, summaries, slices, hours and days of the range once more from `spans`, stretch by stretch. Beside live traffic: it
 * writes what any consumer would, after reading what is acknowledged, so whoever reads later wins. Stopped at any point
 * it may be started again; stretches that were told are done.
 */
export async function* rebuild({ clickhouse, range, signal }: RebuildOptions): AsyncGenerator<RebuiltStretch> {
  const rebuilder = createRebuilder({ clickhouse, signal, writer: drawWriter() });
  for (const stretch of await stretchesOf(clickhouse, range)) yield await rebuilder.stretch(stretch);
  await rebuilder.finish();
}
