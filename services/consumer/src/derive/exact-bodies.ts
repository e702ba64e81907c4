import { keyId } from "@spanhouse/schemas/otlp/key-registry";
import { type Slice, sliceLength } from "@spanhouse/schemas/slice";
import { type Fidelity, SpanFlag } from "@spanhouse/schemas/span";
import type { AttributeReader } from "./attribute-reader.ts";
import type { BodyReading } from "./bodies/body-reading.ts";
import { readRequestBody, readResponseBody } from "./bodies/read-bodies.ts";
import type { DialectReading } from "./dialects/dialect-reader.ts";

/** What our SDKs say of a call's texts: `sdk/conformance/SPANS.md`. */
const key = {
  request: keyId("spanhouse.request"),
  response: keyId("spanhouse.response"),
  input: keyId("spanhouse.input"),
  output: keyId("spanhouse.output"),
  redacted: keyId("spanhouse.redacted"),
  requestHash: keyId("spanhouse.request.sha256"),
  responseHash: keyId("spanhouse.response.sha256"),
  requestTruncated: keyId("spanhouse.request.truncated"),
  responseTruncated: keyId("spanhouse.response.truncated"),
  media: keyId("spanhouse.media"),
  serviceTier: keyId("spanhouse.service_tier"),
} as const;

/** The request and response that go into the store, how true they are, and what the provider says in them. */
export interface ExactBodies {
  readonly request: Slice | undefined;
  readonly response: Slice | undefined;
  readonly fidelity: Fidelity;
  readonly said: BodyReading | undefined;
}

/** A body as it crossed the wire, or a part of it. */
interface Body {
  readonly slice: Slice | undefined;
  /** Its tail is missing. */
  readonly truncated: boolean;
}

/**
 * `spanhouse.request` and `.response` are the bodies as they crossed the wire, the response as JSON or as a stream's raw
 * text; cut, or with media taken out, they are no longer exact. The response is always parsed: what a price depends on
 * beyond the attributes (one-hour cache writes, searches, audio, the service tier) stands nowhere else. The request only
 * where no attribute names the model. `spanhouse.input` and `.output` are what a program gave to a span of its own.
 */
export function readExactBodies(attributes: AttributeReader, reading: DialectReading): ExactBodies {
  const request = { slice: attributes.content(key.request), truncated: attributes.bool(key.requestTruncated) };
  const response = { slice: attributes.content(key.response), truncated: attributes.bool(key.responseTruncated) };
  const redacted = attributes.bool(key.redacted) || attributes.has(key.requestHash) || attributes.has(key.responseHash);
  const storedRequest = request.slice ?? reading.request ?? attributes.content(key.input);
  const storedResponse = response.slice ?? reading.response ?? attributes.content(key.output);
  const exact = (request.slice ?? response.slice) !== undefined;
  const whole = !request.truncated && !response.truncated && !attributes.has(key.media);
  return {
    request: storedRequest,
    response: storedResponse,
    fidelity: fidelityOf(redacted, exact && whole, storedRequest ?? storedResponse, reading),
    said: withTier(attributes, readSaid(attributes, request, response, redacted, reading), reading),
  };
}

function readSaid(
  attributes: AttributeReader,
  request: Body,
  response: Body,
  redacted: boolean,
  reading: DialectReading,
): BodyReading | undefined {
  if (response.slice === undefined && request.slice === undefined) {
    return reading.responseIsBody ? repeatedBody(reading.response) : undefined;
  }
  const answered = response.slice && readResponseBody(response.slice);
  const asked = request.slice && reading.requestModel === undefined ? readRequestBody(request.slice) : undefined;
  const defect = (answered?.unreadable && !response.truncated) || (asked?.unreadable && !request.truncated);
  if (defect && !redacted) attributes.flags |= SpanFlag.unreadableBody;
  return { ...answered?.reading, requestModel: asked?.reading.requestModel };
}

/** A batch's answers do not say that they are: the SDK does, and knows better than the body. */
function withTier(
  attributes: AttributeReader,
  said: BodyReading | undefined,
  reading: DialectReading,
): BodyReading | undefined {
  const tier = attributes.text(key.serviceTier) ?? (reading.serviceTier === "batch" ? "batch" : undefined);
  return tier === undefined ? said : { ...said, serviceTier: tier };
}

/** A response that some instrumentation serialised again; not exact, but the provider's words. It may be plain text. */
function repeatedBody(body: Slice | undefined): BodyReading | undefined {
  return body && sliceLength(body) > 0 && body.bytes[body.start] === 0x7b ? readResponseBody(body).reading : undefined;
}

function fidelityOf(redacted: boolean, exact: boolean, stored: Slice | undefined, reading: DialectReading): Fidelity {
  if (redacted) return "redacted";
  if (exact) return "exact";
  return (stored ?? reading.toolArguments ?? reading.toolResult) ? "reconstructed" : "absent";
}
