import type { DerivedSpan } from "@spanhouse/schemas/span";

/** What a span's bytes mean. */
export interface SpanDerivation extends DerivedSpan {
  /** Indexes of the span's attributes that stand whole in columns or content; all others are kept as attributes. */
  readonly usedAttributes: readonly number[];
}
