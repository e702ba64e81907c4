import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDollars, parseDollars } from "../src/money.ts";

describe("money", () => {
  it.each([
    ["0", 0n],
    ["1", 1_000_000_000_000n],
    ["0.000000000001", 1n],
    ["-0.000001", -1_000_000n],
    ["-1.5", -1_500_000_000_000n],
    ["12345678901234567890.1", 12345678901234567890100000000000n],
  ])("reads %s dollars as pico-dollars", (text, pico) => {
    expect(parseDollars(text)).toBe(pico);
  });

  it.each([
    [1n, "0.000000000001"],
    [-1n, "-0.000000000001"],
    [0n, "0.000000000000"],
    [1_500_000_000_000n, "1.500000000000"],
  ])("prints %d pico-dollars with 12 places", (pico, text) => {
    expect(formatDollars(pico)).toBe(text);
  });

  it("comes back as it was printed", () => {
    fc.assert(
      fc.property(fc.bigInt(), (pico) => {
        expect(parseDollars(formatDollars(pico))).toBe(pico);
      }),
    );
  });

  it.each(["", ".5", "1.", "1e3", "+1", " 1", "1,5", "0.0000000000001", "NaN", "1\n"])("refuses %j", (text) => {
    expect(() => parseDollars(text)).toThrow(RangeError);
  });
});
