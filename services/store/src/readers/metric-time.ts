import type { Interval } from "@spanhouse/schemas/api/metrics";
import type { SliceGrain } from "../slices/slice-cover.ts";

/** How points of an interval in a time zone are read from slices of whole UTC minutes, hours and days. */
export interface MetricTime {
  /** The start of the interval that a slice's `s.time` lies in; bound to `time_zone`. */
  readonly start: string;
  readonly grain: SliceGrain;
  /** Hours (Unix s) in the midst of which an interval ends: these are read by the minute. */
  readonly cutHours: ReadonlySet<number>;
}

const none: ReadonlySet<number> = new Set();

const starts: Readonly<Record<Exclude<Interval, "none">, string>> = {
  minute: "toStartOfMinute(s.time)",
  hour: "toStartOfHour(s.time, {time_zone:String})",
  day: "toStartOfDay(s.time, {time_zone:String})",
  week: "toDateTime(toStartOfWeek(s.time, 1, {time_zone:String}), {time_zone:String})",
  month: "toDateTime(toStartOfMonth(s.time, {time_zone:String}), {time_zone:String})",
};

/** Of [from, to), Unix s. Slices are as coarse as lie whole in one interval each. */
export function metricTime(interval: Interval, timeZone: string, from: number, to: number): MetricTime {
  if (interval === "none") return { start: "", grain: "day", cutHours: none };
  const start = starts[interval];
  if (interval === "minute") return { start, grain: "minute", cutHours: none };
  if (timeZone === "UTC") return { start, grain: interval === "hour" ? "hour" : "day", cutHours: none };
  const offset = offsetsOf(timeZone);
  // An offset of whole hours now and at the end may be another between: it is asked for each day.
  const days = Array.from({ length: Math.ceil((to - from) / 86400) + 1 }, (_, i) => from + i * 86400);
  if (days.every((time) => offset(time) % 3600 === 0)) return { start, grain: "hour", cutHours: none };
  if (interval === "hour") return { start, grain: "minute", cutHours: none };
  const hours = Array.from(
    { length: Math.ceil((to - from) / 3600) + 1 },
    (_, i) => Math.floor(from / 3600) * 3600 + i * 3600,
  );
  return { start, grain: "hour", cutHours: new Set(hours.filter((hour) => cutsDay(hour, offset))) };
}

/** Whether a day of the zone begins within the hour, and not with it. */
function cutsDay(hour: number, offset: (time: number) => number): boolean {
  const day = (time: number) => Math.floor((time + offset(time)) / 86400);
  return day(hour) !== day(hour + 3599) && (hour + offset(hour)) % 86400 !== 0;
}

/** Seconds that the zone is ahead of UTC at a time, Unix s. */
function offsetsOf(timeZone: string): (time: number) => number {
  const format = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" });
  return (time) => {
    const name = format.formatToParts(time * 1000).find(({ type }) => type === "timeZoneName")?.value ?? "";
    const [, sign, hours = "0", minutes = "0", seconds = "0"] = /([+-])(\d\d):(\d\d)(?::(\d\d))?/.exec(name) ?? [];
    const ahead = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
    return sign === "-" ? -ahead : ahead;
  };
}
