import { minuteRange } from "../time-range.ts";

export const rangeUsage = `  --from, --to  half-open, UTC: 2026-10, 2026-10-31 or 2026-10-31T12:00; default: the last day`;

export const rangeOptions = { from: { type: "string" }, to: { type: "string" } } as const;

/** Of --from and --to, as the query API takes them. Throws CONFIG for what is no time. */
export function rangeParameters({
  from,
  to,
}: {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}) {
  const range = minuteRange(from, to);
  return {
    from: from === undefined ? undefined : rfc3339(range.from),
    to: to === undefined ? undefined : rfc3339(range.to),
  };
}

function rfc3339(minute: number): string {
  return new Date(minute * 60_000).toISOString().replace(".000Z", "Z");
}
