/** What the address says of time: a range that ends now, or two times. */
export interface TimeSearch {
  readonly range?: RangeName;
  readonly from?: string;
  readonly to?: string;
}

export const ranges = {
  "15m": { seconds: 900, label: "15 minutes" },
  "1h": { seconds: 3_600, label: "hour" },
  "6h": { seconds: 21_600, label: "6 hours" },
  "24h": { seconds: 86_400, label: "24 hours" },
  "7d": { seconds: 604_800, label: "7 days" },
  "30d": { seconds: 2_592_000, label: "30 days" },
} as const;
export type RangeName = keyof typeof ranges;
export const rangeNames = Object.keys(ranges) as RangeName[];
export const defaultRange: RangeName = "24h";

/** Whole minutes, as rollups are; RFC 3339 UTC. */
export interface TimeRange {
  readonly from: string;
  readonly to: string;
  readonly seconds: number;
}

const minute = 60_000;
const rfc3339 = (ms: number) => new Date(ms).toISOString();

/** `now`: Unix ms. A range that ends now ends with the minute at hand, so that it stays the same within it. */
export function timeRange(search: TimeSearch, now: number): TimeRange {
  if (search.from !== undefined && search.to !== undefined) {
    const from = Math.floor(Date.parse(search.from) / minute) * minute;
    const to = Math.max(from + minute, Math.ceil(Date.parse(search.to) / minute) * minute);
    return { from: rfc3339(from), to: rfc3339(to), seconds: (to - from) / 1000 };
  }
  const { seconds } = ranges[search.range ?? defaultRange];
  const to = (Math.floor(now / minute) + 1) * minute;
  return { from: rfc3339(to - seconds * 1000), to: rfc3339(to), seconds };
}

/** Some 30 to 180 points of a chart. */
export function intervalFor({ seconds }: TimeRange): "minute" | "hour" | "day" {
  if (seconds <= 3 * 3_600) return "minute";
  return seconds <= 8 * 86_400 ? "hour" : "day";
}

/** What of a query string is a time; anything else in it is left out. */
export function timeSearch(raw: Readonly<Record<string, unknown>>): TimeSearch {
  const { range, from, to } = raw;
  if (isTime(from) && isTime(to) && Date.parse(from) < Date.parse(to)) return { from, to };
  return typeof range === "string" && range in ranges ? { range: range as RangeName } : {};
}

function isTime(value: unknown): value is string {
  return typeof value === "string" && !Number.isNaN(Date.parse(value));
}
