import type { DecodedResource, DecodedSpan } from "@spanhouse/schemas/otlp/decoded";
import { keyId } from "@spanhouse/schemas/otlp/key-registry";
import { emptySlice } from "@spanhouse/schemas/slice";
import { type EstimatedUsage, type Ownership, type Price, spanKinds } from "@spanhouse/schemas/span";
import { AttributeReader } from "./attribute-reader.ts";
import type { BodyReading } from "./bodies/body-reading.ts";
import { readDelivery } from "./delivery.ts";
import type { DialectReader, DialectReading } from "./dialects/dialect-reader.ts";
import { genkit } from "./dialects/genkit.ts";
import { langfuse } from "./dialects/langfuse.ts";
import { langsmith } from "./dialects/langsmith.ts";
import { litellm } from "./dialects/litellm.ts";
import { logfire } from "./dialects/logfire.ts";
import { logfireAgents } from "./dialects/logfire-agents.ts";
import { mastra } from "./dialects/mastra.ts";
import { mlflow } from "./dialects/mlflow.ts";
import { openinference } from "./dialects/openinference.ts";
import { openllmetry } from "./dialects/openllmetry.ts";
import { semconv } from "./dialects/semconv.ts";
import { strands } from "./dialects/strands.ts";
import { vercelAi } from "./dialects/vercel-ai.ts";
import { readExactBodies } from "./exact-bodies.ts";
import { type Identity, identityOf, readIdentity } from "./identity.ts";
import { readLabels } from "./labels.ts";
import { meaningOf } from "./operations.ts";
import { ownershipOf, readOwnership } from "./ownership.ts";
import { clip } from "./short-text.ts";
import { readSignals } from "./signals.ts";
import { spanDefects } from "./span-defects.ts";
import type { SpanDraft } from "./span-draft.ts";
import { toolExchangeOf } from "./tool-exchange.ts";
import type { TokenCounts } from "./usage.ts";
import { usageReadingOf } from "./usage-of-span.ts";

/**
 * The more specific before the more general, and what was written first before what an exporter made of it
 * (OpenInference's and LangSmith's rewrite the AI SDK's spans): what the first says counts, the others fill in.
 */
const dialects: readonly DialectReader[] = [
  vercelAi,
  openinference,
  langfuse,
  langsmith,
  mlflow,
  logfireAgents,
  logfire,
  litellm,
  strands,
  mastra,
  genkit,
  openllmetry,
  semconv,
];

const instance = keyId("spanhouse.instance");
/** Put on a model call that a replay answered from a recording: no provider was asked, so it used nothing. */
const replayed = keyId("spanhouse.replay.answered");

const nothingUsed: TokenCounts = { input: 0, output: 0 };

/** What all spans of a resource have in common. */
interface ResourceFacts {
  readonly ownership: Ownership;
  readonly identity: Identity;
  readonly instance: string;
}

const factsByResource = new WeakMap<DecodedResource, ResourceFacts>();

const nothingPriced: Price = {
  state: "none",
  cost: 0n,
  estimatedCost: 0n,
  cacheSavings: 0n,
  source: "",
  version: "",
  rule: "",
};

export interface Normalisation {
  /** Normalised; what later steps find out is still empty. */
  readonly span: SpanDraft;
  /** Of a call whose usage is unknown, what was told all the same. */
  readonly estimate: EstimatedUsage | undefined;
}

/** A span of any dialect in the words of the semantic conventions. */
export function normalise(span: DecodedSpan, project: string): Normalisation {
  const attributes = new AttributeReader(span.attributes);
  const resource = factsOf(span.resource);
  const { dialect, reading: attributed } = readDialects(attributes, span);
  const bodies = readExactBodies(attributes, attributed);
  const reading = bodies.said ? overlay(bodies.said, attributed) : attributed;

  const delivery = readDelivery(attributes);
  const identity = readIdentity(attributes, resource.identity);
  const labels = readLabels(attributes);
  const namesCall = (reading.requestModel ?? reading.responseModel ?? reading.usage) !== undefined;
  const meaning = meaningOf(reading.operation ?? "", namesCall);
  const counts = attributes.bool(replayed) ? nothingUsed : countsOf(reading, bodies.said);
  const usage = usageReadingOf(counts, meaning, delivery.open);
  const signals = readSignals(span, attributes, reading);
  const ownership = readOwnership(attributes, resource.ownership);
  const toolExchange = toolExchangeOf(meaning, reading.answer, bodies.request);

  return {
    estimate: usage.estimate,
    span: {
      project,
      traceId: span.traceId,
      spanId: span.spanId,
      parentSpanId: span.parentSpanId,
      startTime: span.startTimeUnixNano,
      endTime: span.endTimeUnixNano,
      name: clip(span.name),
      kind: spanKinds[span.kind] ?? "unspecified",
      scope: clip(span.scope.name),
      dialect,
      role: meaning.role,
      family: meaning.family,
      operation: reading.operation === undefined && meaning.role === "model" ? "chat" : column(reading.operation),
      provider: column(reading.provider?.trim().toLowerCase()),
      requestModel: column(reading.requestModel),
      responseModel: column(reading.responseModel),
      responseId: column(reading.responseId),
      serviceTier: column(reading.serviceTier),
      toolName: column(reading.toolName),
      toolCallId: column(reading.toolCallId),
      agentName: column(reading.agentName),
      userId: identity.userId || (reading.userId ?? ""),
      conversationId: identity.conversationId || (reading.conversationId ?? ""),
      tags: labels.tags,
      metadata: labels.metadata,
      usageState: usage.state,
      usage: usage.usage,
      finishReasons: reading.finishReasons?.map(clip) ?? [],
      timeToFirstChunkUs: reading.timeToFirstChunkUs ?? 0,
      attempt: delivery.attempt,
      revision: delivery.revision,
      open: delivery.open,
      signals,
      toolExchange,
      fidelity: bodies.fidelity,
      flags: attributes.flags | usage.flags | spanDefects(span, delivery.open),
      instance: resource.instance,
      sequence: delivery.sequence,
      content: {
        request: bodies.request ?? emptySlice,
        response: bodies.response ?? emptySlice,
        toolArguments: reading.toolArguments ?? emptySlice,
        toolResult: reading.toolResult ?? emptySlice,
        documents: reading.documents ?? emptySlice,
      },
      environment: ownership.environment,
      service: ownership.service,
      release: ownership.release,
      region: ownership.region,
      team: ownership.team,
      costCentre: ownership.costCentre,
      feature: ownership.feature,
      prompt: ownership.prompt,
      credential: ownership.credential,
      outcome: "ok",
      refusal: "none",
      errorClass: "none",
      message: "",
      estimatedUsage: undefined,
      mappedOwnership: 0,
      price: nothingPriced,
      usedAttributes: attributes.used,
    },
  };
}

/** What a provider's own body says is exact, whoever passed it on. */
function countsOf({ usage, approximateUsage }: DialectReading, body: BodyReading | undefined): TokenCounts | undefined {
  return usage && approximateUsage && !body?.usage ? { ...usage, approximate: true } : usage;
}

/** Attributes were cut where they were read; what a body or the span's name says is in the payload whole. */
function column(text: string | undefined): string {
  return text === undefined ? "" : clip(text);
}

function readDialects(
  attributes: AttributeReader,
  span: DecodedSpan,
): { readonly dialect: string; readonly reading: DialectReading } {
  let dialect = "";
  let reading: DialectReading = {};
  for (const reader of dialects) {
    if (!reader.claims(attributes, span)) continue;
    const claimed = reader.read(attributes, span);
    reading = dialect === "" ? claimed : overlay(reading, claimed);
    dialect ||= reader.name;
  }
  return { dialect, reading };
}

/** What the first says, and what the second says where the first is silent: field by field, as this runs for most spans. */
function overlay(first: DialectReading, second: DialectReading): DialectReading {
  const reading: { readonly [Field in keyof Required<DialectReading>]: DialectReading[Field] } = {
    provider: first.provider ?? second.provider,
    requestModel: first.requestModel ?? second.requestModel,
    responseModel: first.responseModel ?? second.responseModel,
    responseId: first.responseId ?? second.responseId,
    serviceTier: first.serviceTier ?? second.serviceTier,
    usage: first.usage ?? second.usage,
    finishReasons: first.finishReasons ?? second.finishReasons,
    answer: first.answer ?? second.answer,
    refusal: first.refusal ?? second.refusal,
    filtered: first.filtered ?? second.filtered,
    error: first.error ?? second.error,
    operation: first.operation ?? second.operation,
    toolName: first.toolName ?? second.toolName,
    toolCallId: first.toolCallId ?? second.toolCallId,
    agentName: first.agentName ?? second.agentName,
    userId: first.userId ?? second.userId,
    conversationId: first.conversationId ?? second.conversationId,
    approximateUsage: first.approximateUsage ?? second.approximateUsage,
    timeToFirstChunkUs: first.timeToFirstChunkUs ?? second.timeToFirstChunkUs,
    request: first.request ?? second.request,
    response: first.response ?? second.response,
    responseIsBody: first.responseIsBody ?? second.responseIsBody,
    toolArguments: first.toolArguments ?? second.toolArguments,
    toolResult: first.toolResult ?? second.toolResult,
    documents: first.documents ?? second.documents,
  };
  return reading;
}

function factsOf(resource: DecodedResource): ResourceFacts {
  let facts = factsByResource.get(resource);
  if (!facts) {
    const attributes = new AttributeReader(resource.attributes);
    facts = {
      ownership: ownershipOf(attributes),
      identity: identityOf(attributes),
      instance: attributes.text(instance) ?? "",
    };
    factsByResource.set(resource, facts);
  }
  return facts;
}
