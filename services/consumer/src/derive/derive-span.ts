import type { DecodedSpan } from "@spanhouse/schemas/otlp/decoded";
import { classify } from "./classify.ts";
import type { EstimateUsage } from "./estimate-usage.ts";
import { normalise } from "./normalise.ts";
import { createOwnershipRules, type OwnershipRules } from "./ownership-rules.ts";
import type { PriceBook } from "./price/price-book.ts";
import type { SpanDerivation } from "./span-derivation.ts";
import { createValuation } from "./valuate.ts";

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
    const { span, estimate: told } = normalise(decoded, project);
    const { outcome, refusal, errorClass, message } = classify(span);
    span.outcome = outcome;
    span.refusal = refusal;
    span.errorClass = errorClass;
    span.message = message;
    const estimate = span.usageState === "unknown" ? (told ?? estimateUsage?.(span)) : undefined;
    if (estimate) {
      span.usageState = "estimated";
      span.estimatedUsage = estimate;
    }
    const { team, costCentre, feature, prompt, release, mappedOwnership, price } = valuate(span);
    span.team = team;
    span.costCentre = costCentre;
    span.feature = feature;
    span.prompt = prompt;
    span.release = release;
    span.mappedOwnership = mappedOwnership;
    span.price = price;
    return span;
  };
}
