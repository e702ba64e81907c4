import { expect, test } from "vitest";
import { percent, shortCount } from "../src/format/count.ts";
import { duration } from "../src/format/duration.ts";
import { exactMoney, money } from "../src/format/money.ts";
import { microsecondsBetween } from "../src/format/time.ts";
import { parseQueryString, queryString } from "../src/layout/query-string.ts";
import { timeRange } from "../src/time/time-range.ts";

test.each([
  ["0.000000000000", "$0", "$0"],
  ["0.000094800000", "$0.0000948", "$0.0000948"],
  ["0.003988800000", "$0.00399", "$0.0039888"],
  ["0.099999999999", "$0.1000", "$0.099999999999"],
  ["0.374000000000", "$0.374", "$0.374"],
  ["12.345678901234", "$12.35", "$12.345678901234"],
  ["9007199254740993.990000000000", "$9,007,199,254,740,993.99", "$9007199254740993.99"],
  ["-0.500000000000", "−$0.500", "−$0.5"],
])("%s dollars are told as %s, and in full as %s", (decimal, short, exact) => {
  expect(money(decimal)).toBe(short);
  expect(exactMoney(decimal)).toBe(exact);
});

test.each([
  [840, "840 µs"],
  [12_400, "12.4 ms"],
  [999_600, "1.00 s"],
  [59_996_000, "1 m 00 s"],
  [11_520_000_000, "3 h 12 m"],
])("%d µs are told as %s", (us, text) => expect(duration(us)).toBe(text));

test("counts and rates keep to a few digits", () => {
  expect([0, 940, 12_400, 3_100_000].map(shortCount)).toEqual(["0", "940", "12.4k", "3.1M"]);
  expect([0, 0.0004, 0.012, 0.5, 1].map(percent)).toEqual(["0%", "0.04%", "1.2%", "50%", "100%"]);
});

test("times are told apart to the nanosecond", () => {
  expect(microsecondsBetween("2026-11-20T12:00:00.000000001Z", "2026-11-20T12:00:01.000000501Z")).toBeCloseTo(
    1_000_000.5,
    6,
  );
  expect(microsecondsBetween("2026-11-20T12:00:00Z", "2026-11-20T11:59:59.5Z")).toBe(-500_000);
});

test("addresses are plain text both ways", () => {
  const search = { user: "a b&c=d", from: "2026-11-20T12:00:00Z", tag: ["x", "y"] };
  expect(parseQueryString(queryString(search))).toEqual(search);
  expect(queryString({ user: undefined, find: "" })).toBe("");
});

test("a range that ends now stays the same within a minute", () => {
  const at = Date.parse("2026-11-20T12:00:10Z");
  expect(timeRange({ range: "1h" }, at)).toEqual(timeRange({ range: "1h" }, at + 40_000));
  expect(timeRange({ range: "1h" }, at)).toEqual({
    from: "2026-11-20T11:01:00.000Z",
    to: "2026-11-20T12:01:00.000Z",
    seconds: 3600,
  });
});
