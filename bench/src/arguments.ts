/** A number of a command line's argument, from 0 up; throws naming the argument and what was expected. */
export function numberOf(name: string, text: string): number {
  const number = Number(text);
  if (text.trim() === "" || !Number.isFinite(number) || number < 0) {
    throw new Error(`${name}: expected a number, got ${JSON.stringify(text)}`);
  }
  return number;
}

/** Unix milliseconds. */
export function timeOf(name: string, text: string): number {
  const time = Date.parse(text);
  if (Number.isNaN(time))
    throw new Error(`${name}: expected a time such as 2026-10-05T00:00:00Z, got ${JSON.stringify(text)}`);
  return time;
}
