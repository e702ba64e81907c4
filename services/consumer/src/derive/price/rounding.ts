/**
 * The one place where money is rounded. Some published prices are not whole pico-dollars a unit ($0.08333333333333334
 * a million tokens, prices by the hour). Each component of a span's price (one unit at one price) is rounded by itself
 * to a whole pico-dollar, halves to the even one, after the multiplication by the quantity. Sums of components, spans
 * and rollups are then exact. The error is at most half a pico-dollar a component.
 */
export function roundHalfEven(numerator: bigint, denominator: bigint): bigint {
  if (denominator === 1n) return numerator;
  const quotient = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  if (twice > denominator || (twice === denominator && (quotient & 1n) === 1n)) return quotient + 1n;
  return quotient;
}
