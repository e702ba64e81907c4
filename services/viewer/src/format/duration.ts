/** µs as a person reads them, three digits: `840 µs`, `12.4 ms`, `1.82 s`, `2 m 04 s`, `3 h 12 m`. */
export function duration(us: number): string {
  if (us < 1_000) return `${Math.round(us)} µs`;
  if (us < 999_500) return `${threeDigits(us / 1_000)} ms`;
  if (us < 59_995_000) return `${threeDigits(us / 1_000_000)} s`;
  const seconds = Math.round(us / 1_000_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} m ${two(seconds % 60)} s`;
  return `${Math.floor(seconds / 3_600)} h ${two(Math.floor((seconds % 3_600) / 60))} m`;
}

function threeDigits(value: number): string {
  return value < 9.995 ? value.toFixed(2) : value < 99.95 ? value.toFixed(1) : value.toFixed(0);
}

const two = (value: number) => String(value).padStart(2, "0");
