import { roundHalfEven } from "./rounding.ts";

/** Pico-dollars a unit as a reduced fraction. */
export interface UnitPrice {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const picoPerDollar = 10n ** 12n;

/**
 * A published price (dollars for `per` units) as pico-dollars a unit, from the number's shortest decimal text: the text
 * is what the source published, a product of floats is not.
 */
export function unitPrice(dollars: number, per: number): UnitPrice {
  const { digits, scale } = decimalOf(dollars);
  const numerator = digits * picoPerDollar;
  const denominator = scale * BigInt(per);
  const divisor = greatestCommonDivisor(numerator, denominator);
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

/** Rounded to a pico-dollar. `quantity` is a whole number up to 2^48, or a decimal such as seconds. */
export function costOf(price: UnitPrice, quantity: number): bigint {
  if (Number.isInteger(quantity)) return roundHalfEven(price.numerator * BigInt(quantity), price.denominator);
  const { digits, scale } = decimalOf(quantity);
  return roundHalfEven(price.numerator * digits, price.denominator * scale);
}

/** A finite number that is not negative as digits / scale, exactly as its shortest text says. */
function decimalOf(value: number): { readonly digits: bigint; readonly scale: bigint } {
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
