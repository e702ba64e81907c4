import type { Group, Metrics } from "./metrics-queries.ts";

type Points = Group["points"];

/** Starts of all intervals of a range, Unix s: those without spans too, so that a pause is seen as one. */
export function intervalStarts({ from, to, interval, time_zone: zone }: Metrics): readonly number[] {
  const [first, end] = [Date.parse(from) / 1000, Date.parse(to) / 1000];
  const starts: number[] = [];
  if (interval === "minute") for (let at = first; at < end; at += 60) starts.push(at);
  else if (interval === "hour") {
    // Whole hours of the zone; an offset is of whole quarters.
    const offset = offsetSeconds(first, zone);
    for (let at = Math.floor((first + offset) / 3_600) * 3_600 - offset; at < end; at += 3_600) starts.push(at);
  } else {
    for (let at = dayStart(first, zone); at < end; at = dayStart(at + 90_000 + 3_600, zone)) starts.push(at);
  }
  return starts;
}

/** The start of the day of the zone that a time lies in; days of 23 and 25 hours too. */
function dayStart(at: number, zone: string): number {
  const offset = offsetSeconds(at, zone);
  const start = Math.floor((at + offset) / 86_400) * 86_400 - offset;
  return start + offset - offsetSeconds(start, zone);
}

function offsetSeconds(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "longOffset" }).formatToParts(at * 1000);
  const match = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(parts.find(({ type }) => type === "timeZoneName")?.value ?? "");
  const seconds = Number(match?.[2] ?? 0) * 3_600 + Number(match?.[3] ?? 0) * 60;
  return match?.[1] === "-" ? -seconds : seconds;
}

/** A measure at each start; null where there is none. */
export function valuesAt(points: Points, starts: readonly number[], measure: string): (number | null)[] {
  const known = new Map(points.map(({ time, values }) => [Date.parse(time) / 1000, values[measure]]));
  return starts.map((start) => {
    const value = known.get(start);
    return value === null || value === undefined ? null : Number(value);
  });
}

/** The same as counted: an interval without spans had none. */
export const sumsAt = (points: Points, starts: readonly number[], measure: string): number[] =>
  valuesAt(points, starts, measure).map((value) => value ?? 0);
