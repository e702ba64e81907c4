/** ClickHouse's decimal of dollars as pico-dollars in text; no digit is lost on the way. */
export function picoDollars(decimal: string): string {
  const [whole = "", fraction = ""] = decimal.split(".");
  return BigInt(`${whole}${fraction.padEnd(12, "0")}`).toString();
}
