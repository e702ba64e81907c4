const largestDriftMs = 100;
let offset = performance.timeOrigin;

/**
 * The wall clock's time, as Unix milliseconds with fractions, at a moment of `performance.now()`. Set again where the
 * clock was changed, or the machine slept.
 */
export const wallTimeOf = (monotonicMs: number): number => {
  const wall = Date.now();
  if (Math.abs(offset + monotonicMs - wall) > largestDriftMs) offset = wall - monotonicMs;
  return offset + monotonicMs;
};
