/** Money is a bigint of pico-dollars (10^-12 USD): $1 per million tokens is 1,000,000 pico-dollars a token. */
export type PicoDollars = bigint;

export const picoPerDollar = 1_000_000_000_000n;

/** A decimal of dollars ("0.000123", "-1.5") to pico-dollars; throws RangeError on anything else or finer than 10^-12. */
export function parseDollars(text: string): PicoDollars {
  const match = /^(-?)(\d+)(?:\.(\d{1,12}))?$/.exec(text);
  if (!match) throw new RangeError(`not a decimal of dollars with at most 12 places: ${JSON.stringify(text)}`);
  const [, sign, whole, fraction = ""] = match;
  const pico = BigInt(whole!) * picoPerDollar + BigInt(fraction.padEnd(12, "0"));
  return sign === "-" ? -pico : pico;
}

/** Pico-dollars as a decimal of dollars with 12 places, as ClickHouse's Decimal(_, 12) and the API print it. */
export function formatDollars(pico: PicoDollars): string {
  const magnitude = pico < 0n ? -pico : pico;
  const fraction = (magnitude % picoPerDollar).toString().padStart(12, "0");
  return `${pico < 0n ? "-" : ""}${magnitude / picoPerDollar}.${fraction}`;
}
