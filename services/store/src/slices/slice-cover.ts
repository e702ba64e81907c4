import type { ProjectReader } from "../readers/project-reader.ts";
import type { SliceKindName } from "./slices.ts";

/** The greatest length of time that one row may stand for. */
export type SliceGrain = "minute" | "hour" | "day";

/** Unix s, half-open. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Starts (Unix s) of the days and hours that have a row of their own. */
export interface FoldedSlices {
  readonly days: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
}

/** From which slices a stretch of time is read: the stretches of all grains are it, each minute once. Ascending. */
export type SliceCover = Readonly<Record<SliceGrain, readonly Stretch[]>>;

const hourSeconds = 3600;
const daySeconds = 86400;

/**
 * What of a project's kind is folded within a stretch. A day or an hour, once folded, stays so, and what it folds stays
 * too: an answer put together later by what was found here is right.
 */
export async function readFoldedSlices(
  reader: ProjectReader,
  kind: SliceKindName,
  { from, to }: Stretch,
): Promise<FoldedSlices> {
  const starts = (table: string) =>
    `SELECT groupUniqArray(toUnixTimestamp(bucket)) FROM ${table} PREWHERE project = {project:String}
       AND kind = '${kind}' AND bucket >= toDateTime({from:UInt32}, 'UTC') AND bucket < toDateTime({to:UInt32}, 'UTC')`;
  const [row] = await reader.queryRows<readonly [readonly number[], readonly number[]]>(
    `SELECT (${starts("rollup_day")}), (${starts("rollup_hour")})`,
    { from, to },
  );
  const [days, hours] = row!;
  return { days: new Set(days), hours: new Set(hours) };
}

/**
 * The coarsest slices, at most of the grain, that lie whole within a stretch and are there. Hours of `cut` are read by the
 * minute, and no day is read as one where there are any.
 */
export function sliceCover(
  { from, to }: Stretch,
  grain: SliceGrain,
  folded: FoldedSlices,
  cut: ReadonlySet<number> = new Set(),
): SliceCover {
  const cover: Record<SliceGrain, Stretch[]> = { minute: [], hour: [], day: [] };
  const add = (by: SliceGrain, start: number, end: number) => {
    const last = cover[by].at(-1);
    if (last?.to === start) cover[by][cover[by].length - 1] = { from: last.from, to: end };
    else cover[by].push({ from: start, to: end });
  };
  for (let start = from; start < to; ) {
    const ofDay = start + daySeconds;
    const ofHour = Math.min(to, start - (start % hourSeconds) + hourSeconds);
    if (grain === "minute") {
      add("minute", start, to);
      break;
    }
    if (grain === "day" && cut.size === 0 && ofDay <= to && folded.days.has(start)) {
      add("day", start, ofDay);
      start = ofDay;
    } else {
      const whole = ofHour - start === hourSeconds;
      add(whole && folded.hours.has(start) && !cut.has(start) ? "hour" : "minute", start, ofHour);
      start = ofHour;
    }
  }
  return cover;
}

/** As `sliceCover`, by what is folded now. */
export async function readSliceCover(
  reader: ProjectReader,
  kind: SliceKindName,
  stretch: Stretch,
  grain: SliceGrain,
): Promise<SliceCover> {
  return sliceCover(stretch, grain, grain === "minute" ? nothingFolded : await readFoldedSlices(reader, kind, stretch));
}

const nothingFolded: FoldedSlices = { days: new Set(), hours: new Set() };
