import { SpanhouseError } from "@spanhouse/schemas/errors";

/** Half-open, in whole minutes since the epoch, UTC. */
export interface MinuteRange {
  readonly from: number;
  readonly to: number;
}

/** Where DateTime of ClickHouse ends. */
const endOfTime = Math.floor((2 ** 32 - 1) / 60);

export const timeRangeUsage = `  --from, --to  half-open, UTC: 2026-10, 2026-10-31 or 2026-10-31T12:00; default: all of it`;

/** Of the options --from and --to. Throws CONFIG for what is no time. */
export function minuteRange(from: string | undefined, to: string | undefined): MinuteRange {
  const range = { from: minuteOf("--from", from) ?? 0, to: minuteOf("--to", to) ?? endOfTime };
  if (range.from < range.to) return range;
  throw new SpanhouseError("CONFIG", `--from ${from} --to ${to}: expected a range that holds some time`);
}

function minuteOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const given = /^(\d{4}-\d{2})(-\d{2})?(T\d{2}:\d{2})?(?::00)?Z?$/.exec(text);
  const time = given ? Date.parse(`${given[1]}${given[2] ?? "-01"}${given[3] ?? "T00:00"}:00Z`) : Number.NaN;
  if (!Number.isNaN(time)) return time / 60_000;
  throw new SpanhouseError(
    "CONFIG",
    `${name}: expected a month, day or minute as 2026-10-31T12:00; got ${JSON.stringify(text)}`,
  );
}

export function minuteText(minute: number): string {
  return new Date(minute * 60_000).toISOString().replace(":00.000Z", "Z");
}
