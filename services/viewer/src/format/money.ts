const pico = 1_000_000_000_000n;

/** A decimal of dollars with up to 12 places, as pico-dollars. Money is never a float where it is added up. */
export function picoDollars(decimal: string): bigint {
  const match = /^(-?)(\d+)(?:\.(\d{1,12}))?$/.exec(decimal);
  if (!match) throw new Error(`expected a decimal of dollars, got ${decimal}`);
  const [, sign, whole = "0", places = ""] = match;
  const amount = BigInt(whole) * pico + BigInt(places.padEnd(12, "0"));
  return sign === "-" ? -amount : amount;
}

/** To three significant digits at least, two places at least: `$1,204.10`, `$0.0312`, `$0.00000450`. */
export function money(decimal: string): string {
  return moneyOf(picoDollars(decimal));
}

export function moneyOf(amount: bigint): string {
  const sign = amount < 0n ? "−" : "";
  const absolute = amount < 0n ? -amount : amount;
  if (absolute === 0n) return "$0";
  const digits = absolute.toString().padStart(13, "0");
  const whole = digits.slice(0, -12);
  const places = digits.slice(-12);
  if (whole !== "0" || places[0] !== "0") return `${sign}$${rounded(absolute, whole === "0" ? 3 : 2)}`;
  const leadingZeros = /^0*/.exec(places)![0].length;
  return `${sign}$${rounded(absolute, Math.min(12, leadingZeros + 3))}`;
}

/** All twelve places, for a tooltip. */
export function exactMoney(decimal: string): string {
  return `$${decimal.replace(/^-/, "−").replace(/(\.\d*?[1-9])0+$/, "$1")}`.replace("$−", "−$").replace(/\.0+$/, "");
}

function rounded(amount: bigint, places: number): string {
  const unit = 10n ** BigInt(12 - places);
  const units = ((amount + unit / 2n) / unit).toString().padStart(places + 1, "0");
  const whole = units.slice(0, units.length - places).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${whole}.${units.slice(-places)}`;
}
