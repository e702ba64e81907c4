import type { DecodedSpan } from "@spanhouse/schemas/otlp/decoded";
import type { DerivedSpan } from "@spanhouse/schemas/span";
import { classify } from "./classify.ts";
import { normalise } from "./normalise.ts";
import type { PriceBook } from "./price/price-book.ts";

export interface SpanDerivation extends DerivedSpan {
  /** Indexes of the span's attributes that stand whole in columns or content; all others are kept as attributes. */
  readonly usedAttributes: readonly number[];
}

export type DeriveSpan = (span: DecodedSpan, project: string) => SpanDerivation;

/**
 * The whole meaning of a span's bytes: normalise → classify → price. Pure: of the record, the derivation's version and
 * the price book's fingerprint alone. It throws for no input; if it does, that is a defect, and the caller sets the span
 * aside as SPAN_UNSTORABLE.
 */
export function createDeriver({ priceBook }: { readonly priceBook: PriceBook }): DeriveSpan {
  return function deriveSpan(decoded, project) {
    const { span, usedAttributes } = normalise(decoded, project);
    const classification = classify(span);
    const price = priceBook.priceOf(span);
    // Not a spread: that of so many fields costs 27 µs, and the span is this function's own.
    return Object.assign(span, classification, { price, usedAttributes });
  };
}
