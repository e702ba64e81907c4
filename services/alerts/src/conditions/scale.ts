import type { AlertSignal } from "@spanhouse/schemas/api/alerts";
import { isSummed } from "@spanhouse/store/readers/signal-windows";

/** A window as the baseline has it: a value, and how many calls it is of. */
export interface Expected {
  readonly value: number;
  readonly calls: number;
}

/** How a signal is held against what is expected of it: sums, shares of calls and anything else scatter differently. */
export interface Scale {
  /** How far off, so that it can be compared with `noise`. */
  distance(value: number, expected: Expected): number;
  /** The variance of `distance` that chance alone gives, times the dispersion that the series showed. */
  variance(expected: Expected, calls: number, dispersion: number): number;
  /** The least distance that counts. */
  floor(share: number, expected: Expected): number;
  /** Of a series that showed none yet; undefined: it must show some before it is judged. */
  readonly usualDispersion: number | undefined;
}

/** What a baseline is off by itself, as a share: no week is as the one before, and for half an hour there is more or less. */
const baselineError = 0.08;
/** Of a rate, in points. */
const rateError = 0.01;
const mostPoints = 0.05;

const sum: Scale = {
  distance: (value, { value: expected }) => value - expected,
  variance: ({ value }, _, dispersion) => dispersion * value + (baselineError * value) ** 2,
  floor: (share, { value }) => share * value,
  usualDispersion: undefined,
};

const rate: Scale = {
  distance: (value, { value: expected }) => value - expected,
  variance: ({ value }, calls, dispersion) =>
    (dispersion * Math.max(value * (1 - value), 0.005)) / Math.max(1, calls) + rateError ** 2,
  // A rate of a hundredth may rise by more than its share and still be chance.
  floor: (share) => Math.min(mostPoints, share),
  usualDispersion: 1,
};

/** Quantiles and means: by the logarithm, which a factor moves as far up as down. */
const size: Scale = {
  distance: (value, { value: expected }) => Math.log(Math.max(value, 1e-9) / Math.max(expected, 1e-9)),
  variance: (_, calls, dispersion) => dispersion / Math.max(1, calls) + baselineError ** 2,
  floor: (share) => Math.log(1 + share),
  usualDispersion: undefined,
};

export function scaleOf(signal: AlertSignal): Scale {
  if (isSummed(signal)) return sum;
  return /(_rate|_coverage)$/.test(signal) ? rate : size;
}
