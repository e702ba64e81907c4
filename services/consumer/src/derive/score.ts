import { contentHash } from "@spanhouse/schemas/otlp/content-hash";
import type { DecodedSpan } from "@spanhouse/schemas/otlp/decoded";
import { keyId } from "@spanhouse/schemas/otlp/key-registry";
import type { Score } from "@spanhouse/store/scores";
import { AttributeReader } from "./attribute-reader.ts";
import { readDelivery } from "./delivery.ts";
import { readIdentity } from "./identity.ts";
import { ownershipOf, readOwnership } from "./ownership.ts";

const spanName = "spanhouse.score";
const name = keyId("gen_ai.evaluation.name");
const value = keyId("gen_ai.evaluation.score.value");
const label = keyId("gen_ai.evaluation.score.label");
const explanation = keyId("gen_ai.evaluation.explanation");
const source = keyId("spanhouse.score.source");
const instance = keyId("spanhouse.instance");

/** Of a comment so much is kept. */
const longestComment = 10_000;

const nobody = { userId: "", conversationId: "" };

/**
 * The control span by which a score travels (sdk/conformance/SPANS.md): its trace and parent are what was scored, its
 * span id names the score. One without a name, or with neither number nor label, is a span like any other, so that it
 * is seen.
 */
export function readScore(span: DecodedSpan, project: string): Score | undefined {
  if (span.attributes.find(name) < 0 || span.name !== spanName) return undefined;
  const attributes = new AttributeReader(span.attributes);
  const scored = attributes.text(name);
  const number = attributes.number(value);
  const category = attributes.text(label) ?? "";
  const isNumber = number !== undefined && Number.isFinite(number);
  if (scored === undefined || (!isNumber && category === "")) return undefined;
  const resource = new AttributeReader(span.resource.attributes);
  const { environment, service, release } = readOwnership(attributes, ownershipOf(resource));
  return {
    ...{ project, traceId: span.traceId, scoreId: span.spanId, spanId: span.parentSpanId, name: scored },
    kind: kindOf(isNumber ? number : undefined, category),
    value: isNumber ? number : 0,
    label: category,
    comment: commentOf(span),
    source: attributes.text(source) ?? "",
    userId: readIdentity(attributes, nobody).userId,
    ...{ environment, service, release },
    givenAt: span.endTimeUnixNano,
    contentHash: contentHash(span, project),
    instance: resource.text(instance) ?? "",
    sequence: readDelivery(attributes).sequence,
  };
}

/** A boolean is the number 0 or 1 and says so in its label. */
function kindOf(number: number | undefined, category: string): Score["kind"] {
  if (number === undefined) return "category";
  const said = category === "true" ? 1 : category === "false" ? 0 : undefined;
  return said === number ? "boolean" : category === "" ? "number" : "category";
}

function commentOf({ attributes }: DecodedSpan): string {
  const at = attributes.find(explanation);
  return (at < 0 ? "" : (attributes.text(at) ?? "")).slice(0, longestComment);
}
