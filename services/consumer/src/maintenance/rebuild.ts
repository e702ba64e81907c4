import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { rollCode } from "@spanhouse/store/rank";
import type { CheckedRange } from "@spanhouse/store/slices/slice-check";
import { createSliceWriter } from "@spanhouse/store/slices/slice-writer";
import { createTraceReader } from "@spanhouse/store/traces/trace-reader";
import type { Stretch } from "@spanhouse/store/traces/traces-in-range";
import { announceWriter, slicesInRange, stretchesOf, tracesInRange } from "@spanhouse/store/traces/traces-in-range";
import { drawWriter } from "../live-traces.ts";
import { createTraceAssembly } from "../trace-assembly.ts";

/** A piece of the range that is done. */
export interface RebuiltStretch {
  readonly stretch: Stretch;
  readonly traces: number;
  readonly slices: number;
}

export interface RebuildOptions {
  readonly clickhouse: ClickHouse;
  readonly range: CheckedRange;
  readonly signal: AbortSignal;
}

const tracesAtOnce = 1000;

/**
 * Marks, summaries, slices, hours and days of the range once more from `spans`, stretch by stretch. Beside live traffic: it
 * writes what any consumer would, after reading what is acknowledged, so whoever reads later wins. Stopped at any point
 * it may be started again; stretches that were told are done.
 */
export async function* rebuild({ clickhouse, range, signal }: RebuildOptions): AsyncGenerator<RebuiltStretch> {
  const writer = drawWriter();
  const assembly = createTraceAssembly(clickhouse, createTraceReader(clickhouse));
  const sliceWriter = createSliceWriter(clickhouse, Number(rollCode), Date.now);
  for (const stretch of await stretchesOf(clickhouse, range)) {
    await announceWriter(clickhouse, stretch, writer);
    const traces = await tracesInRange(clickhouse, stretch);
    const slices = new Map<string, { project: string; bucket: number; lane: number }>();
    const add = (keys: Iterable<{ project: string; bucket: number; lane: number }>) => {
      for (const key of keys) slices.set(`${key.bucket} ${key.lane} ${key.project}`, key);
    };
    for (let i = 0; i < traces.length; i += tracesAtOnce) {
      signal.throwIfAborted();
      add((await assembly.byReading(traces.slice(i, i + tracesAtOnce))).slices);
    }
    // Traces first: a mark that rises changes the slices.
    add(await slicesInRange(clickhouse, stretch));
    await sliceWriter.roll([...slices.values()]);
    yield { stretch, traces: traces.length, slices: slices.size };
  }
  await sliceWriter.foldMissing();
}
