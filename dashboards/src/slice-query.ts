/**
 * SQL over the slices of the range that a dashboard shows. Half-open, by whole minutes, both ends rounded down: two
 * ranges that meet sum to the whole. The plugin's `$__timeFilter` includes both ends and counts what lies between twice.
 * Bounds go to the views as Unix seconds, which no time zone of a server or a session changes.
 */

export type SliceView = "spend" | "latency" | "tools" | "usage";

const from = "toUnixTimestamp(toStartOfMinute($__fromTime))";
const to = "toUnixTimestamp(toStartOfMinute($__toTime))";
const span = `(${to} - ${from})`;

const hour = 3600;
const day = 24 * hour;
/** The longest ranges of minutes and of hours: what a panel can draw, a point a pixel or less. */
const [minutesUpTo, hoursUpTo] = [6 * hour, 14 * day];

const grain = `multiIf(${span} <= ${minutesUpTo}, 'minute', ${span} <= ${hoursUpTo}, 'hour', 'day')`;
const grainSeconds = `multiIf(${span} <= ${minutesUpTo}, 60, ${span} <= ${hoursUpTo}, ${hour}, ${day})`;

/** Seconds from point to point: a panel's interval, in whole grains. */
export const stepSeconds = `toUInt32(${grainSeconds} * ceil($__interval_s / ${grainSeconds}))`;

/** The point in a chart that a time belongs to. */
export const pointOf = (time: string): string =>
  `toDateTime(intDiv(toUnixTimestamp(${time}), ${stepSeconds}) * ${stepSeconds})`;

const view = (name: SliceView, begin: string, end: string, rows: string) =>
  `${name}(from = ${begin}, to = ${end}, grain = ${rows})`;

export const slices = (name: SliceView): string => view(name, from, to, grain);

/** Without the newest two minutes, whose spans may still be on their way into them. */
const settled = `(${to} - 120)`;

export const settledSlices = (name: SliceView): string => view(name, from, settled, grain);

/** The range of the same length before. */
export const slicesBefore = (name: SliceView): string => view(name, `(${from} - ${span})`, from, grain);

/** From the first of the month (UTC) in which the range ends. */
export const slicesOfMonth = (name: SliceView): string =>
  view(name, "toUnixTimestamp(toDateTime(toStartOfMonth(toDateTime($__toTime - 1, 'UTC')), 'UTC'))", to, "'day'");

/** The same range of a table with a bucket. */
export const inRange = (column = "bucket"): string =>
  `${column} >= toDateTime(${from}) AND ${column} < toDateTime(${to})`;

/** What `settledSlices` are of. */
export const inSettledRange = `bucket >= toDateTime(${from}) AND bucket < toDateTime(${settled})`;

/** By the variables of a dashboard: a column and its variable have one name. */
export const chosen = (...columns: readonly string[]): string =>
  columns.map((column) => `$__conditionalAll(${column} IN (\${${column}:singlequote}), $${column})`).join(" AND ");

/** The share of calls whose exact price is known; the rest is in no total. */
export const pricedShare = "sumIf(calls, price_state = 'priced') / sum(calls)";
