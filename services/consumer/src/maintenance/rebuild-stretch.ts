import { uptime } from "@spanhouse/schemas/uptime";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { createFreezeLine, createProjects } from "@spanhouse/store/projects";
import { rollCode } from "@spanhouse/store/rank";
import { createSliceWriter } from "@spanhouse/store/slices/slice-writer";
import type { SliceKey } from "@spanhouse/store/slices/slices";
import { createTraceReader } from "@spanhouse/store/traces/trace-reader";
import type { Stretch } from "@spanhouse/store/traces/traces-in-range";
import { announceWriter, slicesInRange, tracesInRange } from "@spanhouse/store/traces/traces-in-range";
import { createTraceAssembly } from "../trace-assembly.ts";

/** A piece of the range that is done. */
export interface RebuiltStretch {
  readonly stretch: Stretch;
  readonly traces: number;
  readonly slices: number;
}

export interface Rebuilder {
  /** Marks, summaries and slices of every trace that has a span in the stretch. Resolves when they are acknowledged. */
  stretch(stretch: Stretch): Promise<RebuiltStretch>;
  /** Hours and days that closed meanwhile. */
  finish(): Promise<void>;
}

export interface RebuilderOptions {
  readonly clickhouse: ClickHouse;
  /** As whom it writes itself down before it raises rows of others. */
  readonly writer: bigint;
  readonly signal: AbortSignal;
}

const tracesAtOnce = 1000;

/** Makes what is computed from `spans` once more, beside live traffic: it writes what any consumer would. */
export function createRebuilder({ clickhouse, writer, signal }: RebuilderOptions): Rebuilder {
  const freezeLine = createFreezeLine(createProjects(clickhouse), { refreshMs: 5_000, uptime });
  const assembly = createTraceAssembly({ clickhouse, reader: createTraceReader(clickhouse), freezeLine });
  const sliceWriter = createSliceWriter({ clickhouse, rollCode: Number(rollCode), freezeLine, now: Date.now });
  return {
    async stretch(stretch) {
      await announceWriter(clickhouse, stretch, writer);
      const traces = await tracesInRange(clickhouse, stretch);
      const slices = new Map<string, SliceKey>();
      const add = (keys: Iterable<SliceKey>) => {
        for (const key of keys) slices.set(`${key.bucket} ${key.lane} ${key.project}`, key);
      };
      for (let i = 0; i < traces.length; i += tracesAtOnce) {
        signal.throwIfAborted();
        add((await assembly.byReading(traces.slice(i, i + tracesAtOnce))).slices);
      }
      // Traces first: a mark that rises changes the slices.
      add(await slicesInRange(clickhouse, stretch));
      await sliceWriter.roll([...slices.values()]);
      return { stretch, traces: traces.length, slices: slices.size };
    },
    finish: () => sliceWriter.foldMissing(),
  };
}
