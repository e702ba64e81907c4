import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { roundHalfEven } from "../../src/derive/price/rounding.ts";
import { costOf, unitPrice } from "../../src/derive/price/unit-price.ts";

describe("roundHalfEven", () => {
  it.each([
    [1n, 2n, 0n],
    [3n, 2n, 2n],
    [5n, 2n, 2n],
    [7n, 3n, 2n],
    [8n, 3n, 3n],
    [9n, 3n, 3n],
  ])("%d / %d is %d", (numerator, denominator, rounded) => {
    expect(roundHalfEven(numerator, denominator)).toBe(rounded);
  });

  it("is never off by more than a half", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.bigInt({ min: 1n, max: 10n ** 12n }), (n, d) => {
        const error = roundHalfEven(n, d) * d - n;
        return (error < 0n ? -error : error) * 2n <= d;
      }),
    );
  });
});

describe("unitPrice", () => {
  it("reads the decimal text, not the float", () => {
    expect(unitPrice(0.1, 1e6)).toEqual({ numerator: 100_000n, denominator: 1n });
    expect(costOf(unitPrice(0.1, 1e6), 3)).toBe(300_000n);
    expect(unitPrice(5e-7, 1)).toEqual({ numerator: 500_000n, denominator: 1n });
  });

  it("takes prices by the hour and quantities with a fraction", () => {
    // $0.36 an hour is 10^8 pico-dollars a second.
    expect(costOf(unitPrice(0.36, 3600), 12.5)).toBe(1_250_000_000n);
    expect(costOf(unitPrice(0.1, 3600), 1)).toBe(27_777_778n);
  });
});
