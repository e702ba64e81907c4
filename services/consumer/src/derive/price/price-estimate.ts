import type { EstimatedUsage, Price } from "@spanhouse/schemas/span";
import { clip } from "../short-text.ts";
import { noUsage } from "../usage.ts";
import type { PriceBook, PricedCall } from "./price-book.ts";

/** The price of a call whose tokens were estimated from its texts: in the estimated column only, and its rule says so. */
export function priceEstimate(priceBook: PriceBook, call: PricedCall, estimate: EstimatedUsage): Price {
  const price = priceBook.priceOf(
    Object.assign({}, call, { usageState: "estimated", usage: { ...noUsage, ...estimate } }),
  );
  return price.state === "estimated" ? { ...price, rule: clip(`${price.rule}, tokens estimated`) } : price;
}
