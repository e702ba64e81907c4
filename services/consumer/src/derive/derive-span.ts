import type { DecodedSpan } from "@spanhouse/schemas/otlp/decoded";
import type { DerivedSpan } from "@spanhouse/schemas/span";
import { classify } from "./classify.ts";
import type { EstimateUsage } from "./estimate-usage.ts";
import { normalise } from "./normalise.ts";
import { createOwnershipRules, type OwnershipRules } from "./ownership-rules.ts";
import type { PriceBook } from "./price/price-book.ts";
import { createValuation } from "./valuate.ts";

export interface SpanDerivation extends DerivedSpan {
  /** Indexes of the span's attributes that stand whole in columns or content; all others are kept as attributes. */
  readonly usedAttributes: readonly number[];
}

export type DeriveSpan = (span: DecodedSpan, project: string) => SpanDerivation;

export interface DeriverParts {
  readonly priceBook: PriceBook;
  readonly ownershipRules?: OwnershipRules;
  readonly estimateUsage?: EstimateUsage;
}

const noRules = createOwnershipRules([]);

/**
 * The whole meaning of a span's bytes: normalise → classify → estimate → valuate (owners and price). Pure: of the record,
 * the derivation's version and the fingerprints of prices, rules and estimates alone. It throws for no input; if it does,
 * that is a defect, and the caller sets the span aside as SPAN_UNSTORABLE.
 */
export function createDeriver({ priceBook, ownershipRules = noRules, estimateUsage }: DeriverParts): DeriveSpan {
  const valuate = createValuation({ priceBook, ownershipRules });
  return function deriveSpan(decoded, project) {
    const { span, usedAttributes, estimate: told } = normalise(decoded, project);
    // Not a spread: that of so many fields costs 27 µs, and the span is this function's own.
    const classified = Object.assign(span, classify(span));
    const estimate = span.usageState === "unknown" ? (told ?? estimateUsage?.(classified)) : undefined;
    const counted = Object.assign(
      classified,
      estimate && { usageState: "estimated" as const, estimatedUsage: estimate },
    );
    return Object.assign(counted, valuate(counted), { usedAttributes });
  };
}
