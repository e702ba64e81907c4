import { keyId } from "@spanhouse/schemas/otlp/key-registry";
import type { NormalisedSpan } from "@spanhouse/schemas/span";
import type { AttributeReader } from "./attribute-reader.ts";

const attempt = keyId("spanhouse.attempt");
const resendCount = keyId("http.request.resend_count");
const revision = keyId("spanhouse.revision");
const open = keyId("spanhouse.open");
const sequence = keyId("spanhouse.sequence");

/** What their columns hold: a greater one is told as that. */
const largestRevision = 255;
const largestAttempt = 65_535;

/** Which message of which try of a call this is, and its number among its SDK instance's spans. */
export type Delivery = Pick<NormalisedSpan, "attempt" | "revision" | "open" | "sequence">;

export function readDelivery(span: AttributeReader): Delivery {
  const resends = ordinal(span.number(resendCount));
  return {
    attempt: Math.min(ordinal(span.number(attempt)) || resends + 1, largestAttempt),
    revision: Math.min(ordinal(span.number(revision)), largestRevision),
    open: span.bool(open),
    sequence: ordinal(span.number(sequence)),
  };
}

/** A whole number from 0 up; anything else is as if it was not said. */
function ordinal(value: number | undefined): number {
  return value !== undefined && Number.isSafeInteger(value) && value > 0 ? value : 0;
}
