import { SpanhouseError } from "@spanhouse/schemas/errors";
import type { PicoDollars } from "@spanhouse/schemas/money";

/** What a provider says of a day: a line of its bill, or of its account of usage. */
export interface BilledLine {
  /** 2026-10-31, in the provider's time zone. */
  readonly day: string;
  /** As the provider names it; of what is no model (a search, a container) its description. */
  readonly model: string;
  /** The key's id or name, and the service tier; undefined: the line is not told apart by it. */
  readonly key?: string | undefined;
  readonly tier?: string | undefined;
  /** Undefined: usage without a price. */
  readonly amount?: BilledAmount | undefined;
  /** Undefined: not told. Input includes cache. */
  readonly calls?: number | undefined;
  readonly inputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
}

/** An amount of dollars as it was written. */
export interface BilledAmount {
  readonly dollars: PicoDollars;
  /** By how much it may have been rounded: half a unit of its last digit, and of a cent at most. */
  readonly rounding: PicoDollars;
}

const places = 12;

/**
 * A decimal of dollars, `0.06` or `1.2e-7`, or of a 10^-`scale` part of them (cents: 2). Throws CONFIG with `where` for
 * what is none.
 */
export function billedAmount(text: string, where: string, scale = 0): BilledAmount {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text.trim().replaceAll(",", ""));
  const [, sign, whole = "", fraction = "", exponent = "0"] = match ?? [];
  if (!match || whole + fraction === "") {
    throw new SpanhouseError("CONFIG", `${where}: expected an amount; got ${JSON.stringify(text)}`);
  }
  const decimals = fraction.length - Number(exponent) + scale;
  const digits = BigInt(whole + fraction);
  const magnitude =
    decimals <= places ? digits * 10n ** BigInt(places - decimals) : rounded(digits, 10n ** BigInt(decimals - places));
  const unit = 10n ** BigInt(Math.max(0, places - Math.max(2, decimals)));
  return { dollars: sign === "-" ? -magnitude : magnitude, rounding: unit / 2n || 1n };
}

function rounded(numerator: bigint, denominator: bigint): bigint {
  return (numerator + denominator / 2n) / denominator;
}

/** Spend is stored in dollars; a bill in another currency cannot be laid beside it. Throws CONFIG with `where`. */
export function inDollars(currency: string | undefined, where: string): void {
  if (currency === undefined || currency.toUpperCase() === "USD") return;
  throw new SpanhouseError("CONFIG", `${where}: expected amounts in USD, as spend is stored; got ${currency}`);
}
