import { roundHalfEven } from "./rounding.ts";

/** A rational number: pico-dollars a unit, or a factor. Reduced, the denominator positive. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** A decimal as its source published it: a JSON number, whose shortest text counts, or the text itself. */
export type Decimal = number | string;

/** Dollars for `per` units (of `billing-units.ts`), perhaps others above thresholds of input tokens. By price key. */
export type PublishedPrices = Readonly<Record<string, Decimal | TieredPrice | undefined>>;

export interface TieredPrice {
  readonly base: Decimal;
  readonly tiers: readonly { readonly start: number; readonly price: Decimal }[];
}

const picoPerDollar = 10n ** 12n;

export const one: Fraction = { numerator: 1n, denominator: 1n };

/**
 * A published price (dollars for `per` units) as pico-dollars a unit, from the number's shortest decimal text: the text
 * is what the source published, a product of floats is not.
 */
export function unitPrice(dollars: Decimal, per: number): Fraction {
  const { digits, scale } = decimalOf(dollars);
  return fraction(digits * picoPerDollar, scale * BigInt(per));
}

/** `100 - percent` of 100 as a factor; a negative percentage is a surcharge. Throws RangeError above 100. */
export function lessPercent(percent: string): Fraction {
  const negative = percent.startsWith("-");
  const { digits, scale } = decimalOf(negative ? percent.slice(1) : percent);
  const numerator = 100n * scale - (negative ? -digits : digits);
  if (numerator < 0n) throw new RangeError(`a discount of ${percent} %: expected at most 100`);
  return fraction(numerator, 100n * scale);
}

export function fraction(numerator: bigint, denominator: bigint): Fraction {
  const divisor = greatestCommonDivisor(numerator, denominator);
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

export function product(a: Fraction, b: Fraction): Fraction {
  return fraction(a.numerator * b.numerator, a.denominator * b.denominator);
}

/** Rounded to a pico-dollar. `quantity` is a whole number up to 2^48, or a decimal such as seconds. */
export function costOf(price: Fraction, quantity: number): bigint {
  if (Number.isInteger(quantity)) return roundHalfEven(price.numerator * BigInt(quantity), price.denominator);
  const { digits, scale } = decimalOf(quantity);
  return roundHalfEven(price.numerator * digits, price.denominator * scale);
}

/** A finite number that is not negative as digits / scale, exactly as its shortest text says. */
function decimalOf(value: Decimal): { readonly digits: bigint; readonly scale: bigint } {
  const match = /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value));
  if (!match) throw new RangeError(`not a finite number of at least 0: ${value}`);
  const [, whole, fraction = "", exponent = "0"] = match;
  const places = fraction.length - Number(exponent);
  const digits = BigInt(whole! + fraction);
  return places >= 0
    ? { digits, scale: 10n ** BigInt(places) }
    : { digits: digits * 10n ** BigInt(-places), scale: 1n };
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let x = a;
  let y = b;
  while (y !== 0n) [x, y] = [y, x % y];
  return x === 0n ? 1n : x;
}
