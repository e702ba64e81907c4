import type { SpanDerivation } from "./span-derivation.ts";

/**
 * A span on its way through the derivation's steps: one object with all its fields from the start, which each step fills
 * in. A copy a step would cost more than the steps: V8 keeps an object of so many fields fast only in one shape.
 */
export type SpanDraft = { -readonly [Field in keyof SpanDerivation]: SpanDerivation[Field] };
