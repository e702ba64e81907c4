import { describe, expect, it } from "vitest";
import { bucketOf, possibleTime, quarantineBucket } from "../src/bucket.ts";

const nano = (iso: string): bigint => BigInt(Date.parse(iso)) * 1_000_000n;

describe("bucketOf", () => {
  it("is the minute in which the span ended", () => {
    const minute = Date.parse("2026-11-23T10:15:00Z") / 60_000;
    expect(bucketOf(nano("2026-11-23T10:15:00Z"))).toBe(minute);
    expect(bucketOf(nano("2026-11-23T10:16:00Z") - 1n)).toBe(minute);
    expect(bucketOf(nano("2026-11-23T10:16:00Z"))).toBe(minute + 1);
  });

  it.each([
    ["zero", 0n],
    ["1970", nano("1970-06-01T00:00:00Z")],
    ["just before 2020", nano("2020-01-01T00:00:00Z") - 1n],
    ["2050", nano("2050-01-01T00:00:00Z")],
    ["2199", nano("2199-01-01T00:00:00Z")],
    ["the greatest time on the wire", 2n ** 64n - 1n],
  ])("puts %s into quarantine", (_, time) => {
    expect(possibleTime(time)).toBe(false);
    expect(bucketOf(time)).toBe(quarantineBucket);
  });

  it.each(["2020-01-01T00:00:00Z", "2049-12-31T23:59:59.999Z"])("takes %s", (time) => {
    expect(possibleTime(nano(time))).toBe(true);
    expect(bucketOf(nano(time))).toBe(Math.floor(Date.parse(time) / 60_000));
  });
});
