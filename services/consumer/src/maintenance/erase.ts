import { randomUUID } from "node:crypto";
import { uptime } from "@spanhouse/schemas/uptime";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { eraseRows } from "@spanhouse/store/erasure/erased-rows";
import { tracesErasedFor } from "@spanhouse/store/erasure/erased-traces";
import { createErasures, type ErasureRun, userHashOf } from "@spanhouse/store/erasure/erasures";
import { rememberTracesOf } from "@spanhouse/store/erasure/find-traces";
import { purge, scan } from "@spanhouse/store/erasure/remains";
import { createFreezeLine, createProjects, type FreezeLine, requireProjectName } from "@spanhouse/store/projects";
import { rollCode } from "@spanhouse/store/rank";
import { createSliceWriter } from "@spanhouse/store/slices/slice-writer";
import { createSpanWriter } from "@spanhouse/store/spans/span-writer";
import { createTraceReader } from "@spanhouse/store/traces/trace-reader";
import { drawWriter } from "../live-traces.ts";
import { createTraceAssembly } from "../trace-assembly.ts";

export interface EraseOptions {
  readonly clickhouse: ClickHouse;
  readonly project: string;
  readonly userId: string;
  /** Of the list, where the erasure was asked for before; undefined: a new one. */
  readonly run?: ErasureRun;
  readonly askedBy: string;
  readonly reason: string;
  readonly signal: AbortSignal;
}

/** Some of the person's traces are blanked and summed up. */
export interface ErasedSome {
  readonly traces: number;
  readonly of: number;
}

/** What was done, and what a scan of every table showed afterwards. Rows are physical ones, superseded ones included. */
export interface ErasureReport {
  readonly run: string;
  readonly traces: number;
  /** Spans that were blanked; 0 in a run that finds all done. */
  readonly spans: number;
  /** Rows that were rewritten or dropped because they said something of the person, by table. */
  readonly purged: Readonly<Record<string, number>>;
  /** Rows that still do, by table: all 0. */
  readonly left: Readonly<Record<string, number>>;
}

const tracesAtOnce = 500;
/** What a consumer stores while this runs may be found only in the next round. */
const greatestRounds = 10;

/**
 * Erases a person from a project: every span of every trace with a span that names them says what it cost, and no longer
 * of whom or in what words. Beside live traffic, and from the first step on consumers blank what still comes. Killed at any
 * point, it may be run again and goes through everything. Returns when a scan of all tables has found nothing, or says
 * what it found.
 */
export async function* erase(options: EraseOptions): AsyncGenerator<ErasedSome, ErasureReport> {
  const { clickhouse, project, userId, askedBy, reason, signal } = options;
  requireProjectName(project);
  const erasures = createErasures(clickhouse);
  const userHash = options.run?.userHash ?? userHashOf(project, userId);
  const run = options.run ?? { project, userHash, run: randomUUID(), askedBy, reason };
  const named = { project, userId, userHash };
  const purged = new Map<string, number>();
  const seen = new Set<string>();
  const freezeLine = createFreezeLine(createProjects(clickhouse), { refreshMs: 0, uptime });
  const blanker = createBlanker(clickhouse, freezeLine);
  let spans = 0;

  await erasures.begin(run);
  for (let round = 1; ; round++) {
    await rememberTracesOf(clickhouse, named);
    const traces = await tracesErasedFor(clickhouse, named);
    for (let i = 0; i < traces.length; i += tracesAtOnce) {
      signal.throwIfAborted();
      spans += await blanker.blank(traces.slice(i, i + tracesAtOnce));
      yield { traces: Math.min(i + tracesAtOnce, traces.length), of: traces.length };
    }
    await blanker.finish();
    for (const { traceId } of traces) seen.add(traceId);
    const frozenUntil = (await freezeLine())(project);
    const person = { ...named, frozenUntil };
    for (const [table, rows] of await purge(clickhouse, person, signal)) {
      purged.set(table, (purged.get(table) ?? 0) + rows);
    }
    const left = await scan(clickhouse, person);
    if (round < greatestRounds && [...left.values()].some((rows) => rows > 0)) continue;
    const report: ErasureReport = {
      ...{ run: run.run, traces: seen.size, spans },
      ...{ purged: Object.fromEntries(purged), left: Object.fromEntries(left) },
    };
    await erasures.end(run, report);
    return report;
  }
}

function createBlanker(clickhouse: ClickHouse, freezeLine: FreezeLine) {
  const reader = createTraceReader(clickhouse);
  const spanWriter = createSpanWriter(clickhouse);
  const assembly = createTraceAssembly({ clickhouse, reader, freezeLine });
  const slices = createSliceWriter({ clickhouse, rollCode: Number(rollCode), freezeLine, now: Date.now });
  const writer = drawWriter();

  return {
    /** Resolves with how many rows were not blank, when their traces are and all that is computed from them is acknowledged. */
    async blank(traces: Awaited<ReturnType<typeof tracesErasedFor>>): Promise<number> {
      const places = await reader.places(traces);
      // Whoever knows one of these traces by heart reads it again.
      await spanWriter.writeBuckets(places, writer);
      const readable = await eraseRows(clickhouse, places);
      await slices.roll((await assembly.byReading(traces)).slices);
      return readable;
    },
    finish: () => slices.foldMissing(),
  };
}
