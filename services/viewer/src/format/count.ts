const whole = new Intl.NumberFormat("en-US");

export const count = (value: number): string => whole.format(value);

/** For narrow columns: `940`, `12.4k`, `3.1M`. */
export function shortCount(value: number): string {
  if (value < 1_000) return String(value);
  for (const [size, unit] of sizes) {
    if (value >= size) return `${(value / size).toFixed(value / size < 99.95 ? 1 : 0)}${unit}`;
  }
  return String(value);
}

const sizes = [
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
] as const;

/** 0 to 1 as per cent; two digits where it is small. */
export function percent(rate: number): string {
  const value = rate * 100;
  if (value === 0) return "0%";
  return `${value < 0.095 ? value.toFixed(2) : value < 9.95 ? value.toFixed(1) : value.toFixed(0)}%`;
}

export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;
