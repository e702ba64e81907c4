import { keyId } from "@spanhouse/schemas/otlp/key-registry";
import { type Slice, sliceLength } from "@spanhouse/schemas/slice";
import { type Fidelity, SpanFlag } from "@spanhouse/schemas/span";
import type { AttributeReader } from "./attribute-reader.ts";
import type { BodyReading } from "./bodies/body-reading.ts";
import { readRequestBody, readResponseBody } from "./bodies/read-bodies.ts";
import type { DialectReading } from "./dialects/dialect-reader.ts";

const request = keyId("spanhouse.request");
const response = keyId("spanhouse.response");
const redacted = keyId("spanhouse.redacted");

/** The request and response that go into the store, how true they are, and what the provider says in them. */
export interface ExactBodies {
  readonly request: Slice | undefined;
  readonly response: Slice | undefined;
  readonly fidelity: Fidelity;
  readonly said: BodyReading | undefined;
}

/**
 * `spanhouse.request` and `.response` are the bodies as they crossed the wire, the response as JSON or as a stream's raw
 * text. The response is always parsed: what a price depends on beyond the attributes (one-hour cache writes, searches,
 * audio, the service tier) stands nowhere else. The request only where no attribute names the model.
 */
export function readExactBodies(attributes: AttributeReader, reading: DialectReading): ExactBodies {
  const exactRequest = attributes.content(request);
  const exactResponse = attributes.content(response);
  const isRedacted = attributes.bool(redacted);
  return {
    request: exactRequest ?? reading.request,
    response: exactResponse ?? reading.response,
    fidelity: fidelityOf(exactRequest ?? exactResponse, isRedacted, reading),
    said: readSaid(attributes, exactRequest, exactResponse, isRedacted, reading),
  };
}

function readSaid(
  attributes: AttributeReader,
  exactRequest: Slice | undefined,
  exactResponse: Slice | undefined,
  isRedacted: boolean,
  reading: DialectReading,
): BodyReading | undefined {
  if (exactResponse === undefined && exactRequest === undefined) {
    return reading.responseIsBody ? repeatedBody(reading.response) : undefined;
  }
  const answered = exactResponse && readResponseBody(exactResponse);
  const asked = exactRequest && reading.requestModel === undefined ? readRequestBody(exactRequest) : undefined;
  if (!isRedacted && (answered?.unreadable || asked?.unreadable)) attributes.flags |= SpanFlag.unreadableBody;
  return { ...answered?.reading, requestModel: asked?.reading.requestModel };
}

/** A response that some instrumentation serialised again; not exact, but the provider's words. It may be plain text. */
function repeatedBody(body: Slice | undefined): BodyReading | undefined {
  return body && sliceLength(body) > 0 && body.bytes[body.start] === 0x7b ? readResponseBody(body).reading : undefined;
}

function fidelityOf(exact: Slice | undefined, isRedacted: boolean, reading: DialectReading): Fidelity {
  if (isRedacted) return "redacted";
  if (exact) return "exact";
  const any = reading.request ?? reading.response ?? reading.toolArguments ?? reading.toolResult;
  return any ? "reconstructed" : "absent";
}
