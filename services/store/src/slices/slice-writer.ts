import type { ClickHouse } from "../clickhouse.ts";
import { type FreezeLine, isFrozen } from "../projects.ts";
import { bucketLiteral, stringLiteral } from "../sql-literal.ts";
import type { Fold } from "./slice-sql.ts";
import { foldSql, folds, rollSql } from "./slice-sql.ts";
import type { SliceKey, SliceKindName } from "./slices.ts";
import { sliceKindNames } from "./slices.ts";

export interface SliceWriter {
  /**
   * Makes the slices, and the closed hours and days that they lie in, what `spans` now says; those that are frozen stay.
   * Idempotent; may run beside any other writer. Resolves when ClickHouse has acknowledged all of it.
   */
  roll(slices: readonly SliceKey[]): Promise<void>;
  /** Folds closed hours and days that nobody folded, as after a crash. Only speed needs it: views read finer rows meanwhile. */
  foldMissing(): Promise<void>;
}

/** An hour or day of a project. */
interface CoarseKey {
  readonly project: string;
  /** Minutes since the epoch. */
  readonly start: number;
}

/** A statement names at most this many keys, so that its text and its read stay bounded. */
const keysPerStatement = 512;

/** An hour or day closes this long after its end, minutes. It decides when a fold happens, never what a total is. */
const closeDelay = 2;

/** The kinds run side by side: more threads each would only divide their work and put it together again. */
const statementSettings = { do_not_merge_across_partitions_select_final: 1, max_threads: 1 } as const;

export interface SliceWriterParts {
  readonly clickhouse: ClickHouse;
  readonly rollCode: number;
  readonly freezeLine: FreezeLine;
  /** Unix milliseconds; only says when it is worth asking the server's clock. */
  readonly now: () => number;
}

export function createSliceWriter({ clickhouse, rollCode, freezeLine, now }: SliceWriterParts): SliceWriter {
  const pending = { hour: new Map<string, CoarseKey>(), day: new Map<string, CoarseKey>() };

  function awaitFold(project: string, bucket: number): void {
    for (const grain of ["hour", "day"] as const) {
      const start = bucket - (bucket % (folds[grain].seconds / 60));
      pending[grain].set(`${start} ${project}`, { project, start });
    }
  }

  async function rollMinutes(slices: readonly SliceKey[]): Promise<void> {
    for (const chunk of chunks(slices)) {
      const where = sliceCondition(chunk);
      await Promise.all(
        sliceKindNames.map((kind) => clickhouse.command(rollSql(kind, where, rollCode), {}, statementSettings)),
      );
    }
  }

  /**
   * Folds what has closed by the server's clock, which is asked after the minutes were acknowledged: whoever folds an
   * hour that was still open at that moment reads later, and so reads them too.
   */
  async function foldClosed(): Promise<void> {
    const [clock] = await clickhouse.query<{ minute: number }>(
      "SELECT toUInt32(intDiv(toUnixTimestamp(now()), 60)) AS minute",
    );
    const hours = await foldable(pending.hour, folds.hour, clock!.minute);
    const days = await foldable(pending.day, folds.day, clock!.minute);
    await Promise.all(sliceKindNames.map((kind) => foldKind(kind, hours, days)));
    for (const { project, start } of hours) pending.hour.delete(`${start} ${project}`);
    for (const { project, start } of days) pending.day.delete(`${start} ${project}`);
  }

  /** What has closed; and what is open though somebody has folded it, by a clock that has stepped back since. */
  async function foldable(keys: ReadonlyMap<string, CoarseKey>, fold: Fold, minute: number): Promise<CoarseKey[]> {
    const done = closed(keys, fold, minute);
    const open = [...keys.values()].filter((key) => !done.includes(key));
    for (const chunk of chunks(open)) {
      const rows = await clickhouse.query<{ project: string; start: number }>(
        `SELECT DISTINCT project, toUInt32(intDiv(toUnixTimestamp(bucket), 60)) AS start FROM ${fold.into}
         WHERE ${within(chunk, fold)}`,
      );
      for (const { project, start } of rows) done.push({ project, start });
    }
    return done;
  }

  async function foldKind(kind: SliceKindName, hours: readonly CoarseKey[], days: readonly CoarseKey[]): Promise<void> {
    const fold = (grain: Fold, where: string) => clickhouse.command(foldSql(kind, grain, where), {}, statementSettings);
    for (const chunk of chunks(hours)) await fold(folds.hour, within(chunk, folds.hour));
    for (const chunk of chunks(days)) {
      const ofDays = within(chunk, folds.day);
      // A day is folded from its hours, so that each of them must be there first.
      const unfolded = `(project, toStartOfHour(bucket)) NOT IN (SELECT project, bucket FROM rollup_hour WHERE kind = '${kind}' AND (${ofDays}))`;
      await fold(folds.hour, `(${ofDays}) AND ${unfolded}`);
      await fold(folds.day, ofDays);
    }
  }

  return {
    async roll(asked) {
      const frozenUntil = await freezeLine();
      const slices = asked.filter((slice) => !isFrozen(frozenUntil, slice));
      const minute = now() / 60_000;
      const due = closed(pending.hour, folds.hour, minute).length + closed(pending.day, folds.day, minute).length > 0;
      if (slices.length === 0 && !due) return;
      await rollMinutes(slices);
      for (const { project, bucket } of slices) awaitFold(project, bucket);
      await foldClosed();
    },
    async foldMissing() {
      const rows = await clickhouse.query<{ project: string; minute: number }>(
        `SELECT DISTINCT project, toUInt32(intDiv(toUnixTimestamp(toStartOfHour(bucket)), 60)) AS minute FROM rollup_minute
         WHERE kind = 'spend' AND ((project, toStartOfHour(bucket)) NOT IN (SELECT project, bucket FROM rollup_hour WHERE kind = 'spend')
           OR (project, toStartOfDay(bucket)) NOT IN (SELECT project, bucket FROM rollup_day WHERE kind = 'spend'))`,
      );
      for (const { project, minute } of rows) awaitFold(project, minute);
      await foldClosed();
    },
  };
}

function* chunks<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let i = 0; i < items.length; i += keysPerStatement) yield items.slice(i, i + keysPerStatement);
}

function sliceCondition(slices: readonly SliceKey[]): string {
  const keys = slices.map(
    ({ project, bucket, lane }) => `(${stringLiteral(project)}, ${bucketLiteral(bucket)}, ${lane})`,
  );
  return `(project, bucket, lane) IN (${keys.join(", ")})`;
}

function within(keys: readonly CoarseKey[], fold: Fold): string {
  return keys
    .map(({ project, start }) => {
      const end = start + fold.seconds / 60;
      return `(project = ${stringLiteral(project)} AND bucket >= ${bucketLiteral(start)} AND bucket < ${bucketLiteral(end)})`;
    })
    .join(" OR ");
}

function closed(keys: ReadonlyMap<string, CoarseKey>, fold: Fold, minute: number): CoarseKey[] {
  return [...keys.values()].filter(({ start }) => start + fold.seconds / 60 + closeDelay <= minute);
}
