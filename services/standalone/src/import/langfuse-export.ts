import { type JsonObject, objectOf, objectsOf, wordOf } from "@spanhouse/schemas/json-value";
import type { ReadExport } from "./import-source.ts";
import {
  exceptionEvent,
  type ImportedSpan,
  keyValues,
  prefixed,
  spanIdOf,
  textValue,
  timeOf,
  traceIdOf,
} from "./imported-span.ts";

/**
 * Langfuse: traces with their observations (`GET /api/public/traces/{id}`), rows of traces and of observations (exports of
 * the tables, the blob storage's `traces` and `observations` in snake case, `GET /api/public/observations`), in any mix.
 * https://api.reference.langfuse.com (Trace, Observation)
 *
 * What is known of a trace alone is collected first: its user, session and tags stand on each of its spans then, as they do
 * where Langfuse's SDK sends them itself. A trace that has not exactly one root observation gets a span of its own.
 */
export const readLangfuse: ReadExport = async function* (records, { onSkipped }) {
  const traces = new Map<string, KnownTrace>();
  for await (const record of records()) {
    const { trace, observations } = partsOf(record);
    if (trace) knownOf(traces, wordOf(trace.id)!).facts = factsOf(trace);
    for (const one of observations) noteObservation(traces, one);
  }
  for await (const record of records()) {
    const { trace, observations } = partsOf(record);
    if (!trace && observations.length === 0) onSkipped("neither a trace nor an observation of Langfuse");
    for (const observation of observations) {
      const span = observationSpan(observation, traces);
      if (span) yield span;
      else onSkipped("an observation without id, traceId or startTime");
    }
    const known = trace && traces.get(wordOf(trace.id)!);
    if (trace && known && known.roots !== 1) {
      const span = traceSpan(trace, known);
      if (span) yield span;
      else onSkipped("a trace without a timestamp");
    }
  }
};

interface KnownTrace {
  facts: TraceFacts | undefined;
  /** Observations without a parent. */
  roots: number;
  /** Of observations, Unix ns. */
  start: bigint | undefined;
  end: bigint | undefined;
}

type TraceFacts = ReturnType<typeof factsOf>;

/** With camel-case names, whichever export it is from. */
function camel(record: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [
      key.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase()),
      value,
    ]),
  );
}

function partsOf(given: JsonObject): { trace?: JsonObject; observations: readonly JsonObject[] } {
  const record = camel(given);
  if (wordOf(record.id) === undefined) return { observations: [] };
  if (wordOf(record.traceId) !== undefined) return { observations: [record] };
  if (!("timestamp" in record)) return { observations: [] };
  const within = objectsOf(record.observations).map(camel);
  return { trace: record, observations: within.map((one) => ({ traceId: record.id, ...one })) };
}

function knownOf(traces: Map<string, KnownTrace>, id: string): KnownTrace {
  const known = traces.get(id) ?? { facts: undefined, roots: 0, start: undefined, end: undefined };
  traces.set(id, known);
  return known;
}

function noteObservation(traces: Map<string, KnownTrace>, observation: JsonObject): void {
  const known = knownOf(traces, wordOf(observation.traceId)!);
  const start = timeOf(observation.startTime);
  const end = timeOf(observation.endTime) ?? start;
  if (wordOf(observation.parentObservationId) === undefined) known.roots++;
  if (start !== undefined && (known.start === undefined || start < known.start)) known.start = start;
  if (end !== undefined && (known.end === undefined || end > known.end)) known.end = end;
}

function factsOf(record: JsonObject) {
  const { name, traceName, userId, sessionId, tags, environment, release, metadata } = record;
  return {
    name: wordOf(traceName) ?? wordOf(name) ?? "",
    userId: wordOf(userId),
    sessionId: wordOf(sessionId),
    tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : [],
    environment: wordOf(environment),
    release: wordOf(release),
    metadata: objectOf(metadata),
  };
}

function resourceOf(facts: TraceFacts) {
  return { "deployment.environment.name": facts.environment, "service.version": facts.release };
}

/** Of every span of a trace. */
function traceAttributes({ userId, sessionId, tags, metadata }: TraceFacts) {
  return {
    "user.id": userId,
    "session.id": sessionId,
    "spanhouse.tags": tags,
    ...prefixed("spanhouse.metadata.", metadata),
  };
}

function observationSpan(observation: JsonObject, traces: Map<string, KnownTrace>): ImportedSpan | undefined {
  const [id, trace] = [wordOf(observation.id), wordOf(observation.traceId)];
  const start = timeOf(observation.startTime);
  if (id === undefined || trace === undefined || start === undefined) return undefined;
  const known = traces.get(trace);
  // Rows of observations of newer exports say of themselves what is known of their trace.
  const facts = known?.facts ?? { ...factsOf(observation), metadata: undefined };
  const parent = wordOf(observation.parentObservationId);
  const below = parent ?? (known?.facts && known.roots !== 1 ? `trace ${trace}` : undefined);
  const type = (wordOf(observation.type) ?? "span").toLowerCase();
  const message = wordOf(observation.statusMessage) ?? "";
  const failed = observation.level === "ERROR";
  const end = timeOf(observation.endTime) ?? start;
  const metadata = prefixed("langfuse.observation.metadata.", objectOf(observation.metadata));
  return {
    resource: resourceOf({ ...facts, environment: wordOf(observation.environment) ?? facts.environment }),
    span: {
      ...{
        traceId: traceIdOf("langfuse", trace),
        spanId: spanIdOf("langfuse", id),
        name: wordOf(observation.name) ?? type,
      },
      ...(below === undefined ? {} : { parentSpanId: spanIdOf("langfuse", below) }),
      ...{ startTimeUnixNano: start, endTimeUnixNano: end },
      attributes: keyValues({
        "langfuse.observation.type": type,
        "langfuse.observation.model.name": observation.providedModelName ?? observation.model,
        "langfuse.observation.model.parameters": textValue(observation.modelParameters),
        "langfuse.observation.usage_details": textValue(usageOf(observation)),
        "langfuse.observation.completion_start_time": observation.completionStartTime,
        "langfuse.observation.level": observation.level,
        "langfuse.observation.status_message": message,
        "gen_ai.prompt.name": observation.promptName,
        "gen_ai.prompt.version": textValue(observation.promptVersion),
        "spanhouse.release": observation.version,
        ...traceAttributes(facts),
        ...metadata,
        "langfuse.observation.input": textValue(observation.input),
        "langfuse.observation.output": textValue(observation.output),
      }),
      ...(failed ? { status: { code: 2, message }, events: [exceptionEvent(end, message)] } : {}),
    },
  };
}

/** `usageDetails`, else the older `usage` of tokens alone. */
function usageOf(observation: JsonObject): JsonObject | undefined {
  const details = objectOf(observation.usageDetails);
  if (details && Object.keys(details).length > 0) return details;
  const usage = objectOf(observation.usage);
  if (usage === undefined || (typeof usage.unit === "string" && usage.unit !== "TOKENS")) return undefined;
  const { input, output, total } = usage;
  return typeof input === "number" || typeof output === "number" ? { input, output, total } : undefined;
}

function traceSpan(trace: JsonObject, { facts, start, end }: KnownTrace): ImportedSpan | undefined {
  const at = timeOf(trace.timestamp) ?? start;
  if (at === undefined || facts === undefined) return undefined;
  const first = start !== undefined && start < at ? start : at;
  return {
    resource: resourceOf(facts),
    span: {
      traceId: traceIdOf("langfuse", wordOf(trace.id)!),
      spanId: spanIdOf("langfuse", `trace ${trace.id}`),
      name: facts.name || "trace",
      ...{ startTimeUnixNano: first, endTimeUnixNano: end !== undefined && end > first ? end : first },
      attributes: keyValues({
        "langfuse.observation.type": "span",
        ...traceAttributes(facts),
        "langfuse.observation.input": textValue(trace.input),
        "langfuse.observation.output": textValue(trace.output),
      }),
    },
  };
}
