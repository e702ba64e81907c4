import { roundHalfEven } from "@spanhouse/consumer/derive/price/rounding";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { type PicoDollars, parseDollars, picoPerDollar } from "@spanhouse/schemas/money";

/** How much of a currency one dollar was, on a day. */
export interface ExchangeRate {
  /** ISO 4217. */
  readonly currency: string;
  /** A decimal. */
  readonly rate: string;
  /** 2026-10-31; empty for USD. */
  readonly rateDate: string;
}

export const dollars: ExchangeRate = { currency: "USD", rate: "1", rateDate: "" };

/** Of the options --currency, --rate and --rate-date; undefined: none was given. Throws CONFIG for what is no rate. */
export function exchangeRate(
  currency: string | undefined,
  rate: string | undefined,
  rateDate: string | undefined,
): ExchangeRate | undefined {
  if (currency === undefined && rate === undefined && rateDate === undefined) return undefined;
  if (!/^[A-Z]{3}$/.test(currency ?? "")) throw wrong("--currency", "three capital letters as EUR", currency);
  if (currency === "USD" && rate === undefined && rateDate === undefined) return dollars;
  if (!/^\d{1,6}(\.\d{1,12})?$/.test(rate ?? "") || parseDollars(rate!) === 0n) {
    throw wrong("--rate", `how much ${currency} one dollar is, as 0.9231`, rate);
  }
  const day = new Date(`${rateDate}T00:00:00Z`);
  if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== rateDate) {
    throw wrong("--rate-date", "the day of the rate, as 2026-10-31", rateDate);
  }
  return { currency: currency!, rate: rate!, rateDate: rateDate! };
}

/** An amount in the currency, to 10^-12 of it, halves to even. Sums are made of converted amounts, so that they add up. */
export function converted(amount: PicoDollars, { rate }: ExchangeRate): bigint {
  const scaled = (amount < 0n ? -amount : amount) * parseDollars(rate);
  const rounded = roundHalfEven(scaled, picoPerDollar);
  return amount < 0n ? -rounded : rounded;
}

function wrong(option: string, expected: string, got: string | undefined): SpanhouseError {
  return new SpanhouseError("CONFIG", `${option}: expected ${expected}; got ${JSON.stringify(got ?? "nothing")}`);
}
