/** Numbers as a person reads them, of the API's money, µs and times. */

/** Dollars to four places, or to the first two digits of what is less. */
export function dollars(amount: string): string {
  const value = Number(amount);
  if (value === 0) return "$0";
  return Math.abs(value) >= 0.01 ? `$${value.toFixed(value >= 100 ? 2 : 4)}` : `$${Number(value.toPrecision(2))}`;
}

export function duration(us: number): string {
  if (us < 1000) return `${us} µs`;
  if (us < 1_000_000) return `${(us / 1000).toFixed(us < 10_000 ? 1 : 0)} ms`;
  const seconds = us / 1_000_000;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  return `${Math.floor(seconds / 60)}m${String(Math.floor(seconds % 60)).padStart(2, "0")}s`;
}

export function share(rate: number): string {
  return `${(rate * 100).toFixed(1)} %`;
}

/** To the second, UTC. */
export function moment(time: string | null): string {
  return time === null ? "open" : time.replace("T", " ").replace(/(?:\.\d+)?Z$/, "");
}

/** No control characters: a terminal would obey those of a trace. */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, " ");
}

export function clipped(text: string, width: number): string {
  const letters = [...visible(text)];
  return letters.length <= width ? letters.join("") : `${letters.slice(0, Math.max(0, width - 1)).join("")}…`;
}
