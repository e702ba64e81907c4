import type { DecodedSpan } from "@spanhouse/schemas/otlp/decoded";
import { keyId } from "@spanhouse/schemas/otlp/key-registry";
import type { ClosedInstance } from "@spanhouse/store/spans/deliveries";
import { AttributeReader } from "./attribute-reader.ts";

const name = "spanhouse.close";
const finalSequence = keyId("spanhouse.final_sequence");
const instance = keyId("spanhouse.instance");

/**
 * The control span by which an SDK instance says how many spans it sent: no part of any trace. One that names no
 * instance or no number is a span like any other, so that it is seen.
 */
export function readClose(span: DecodedSpan, project: string): ClosedInstance | undefined {
  const at = span.attributes.find(finalSequence);
  if (at < 0 || span.name !== name) return undefined;
  const last = span.attributes.number(at);
  const closing = new AttributeReader(span.resource.attributes).text(instance);
  if (closing === undefined || last === undefined || !Number.isSafeInteger(last) || last < 0) return undefined;
  return { project, instance: closing, finalSequence: last, closedAt: span.endTimeUnixNano };
}
