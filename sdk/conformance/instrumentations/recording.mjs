import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { encodeJson } from "@spanhouse/schemas/otlp/json";

/** Longer bodies (embeddings) are left out: nobody compares vectors. */
const longestBody = 16_384;
/** 2026-11-01T00:00:00Z: a recording's times are so many milliseconds after it as other times came before. */
const epoch = 1_793_491_200_000_000_000n;
const aMillisecond = 1_000_000n;

/**
 * A recording as the text of its file:
 *
 * - `instrumentation`, `language`, `feature`: the folder's name, `node` or `python`, what the program was asked to do.
 * - `versions`: of the packages that the folder asks for.
 * - `otlp`: one ExportTraceServiceRequest in OTLP JSON: all that was exported.
 * - `requests`: the simulator's ground truth (`RecordedRequest` of `src/recording.ts`), a call each.
 *
 * What differs from run to run is made the same: ids count up in the order of the spans' starts, times keep their order
 * and nothing else; the machine's and the process's attributes are dropped, addresses and paths replaced.
 */
export function recordingOf({ otlp, requests, places, ...facts }) {
  const spans = otlp.flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
  );
  const stable = stabiliser(spans);
  const request = { resourceSpans: otlp.flatMap(({ resourceSpans }) => resourceSpans.map(stable)) };
  const recording = {
    ...facts,
    otlp: JSON.parse(encodeJson(request)),
    requests: requests.map(({ requestId: _, requestBytes: __, responseBytes: ___, ...told }) => ({
      ...told,
      request: short(told.request),
      response: short(told.response),
    })),
  };
  return {
    text: `${tidied(JSON.stringify(recording, null, 1), places)}\n`,
    spans: spans.length,
    calls: requests.length,
  };
}

const short = (body) => (body.length > longestBody ? "" : body);

function stabiliser(spans) {
  const inOrder = spans.toSorted(
    (a, b) => compare(startOf(a), startOf(b)) || compare(b.parentSpanId ? 0 : 1, a.parentSpanId ? 0 : 1),
  );
  const traceIds = numbered(
    inOrder.map(({ traceId }) => traceId),
    32,
  );
  const spanIds = numbered(
    inOrder.map(({ spanId }) => spanId),
    16,
  );
  const times = inOrder.flatMap((span) => [
    startOf(span),
    span.endTimeUnixNano ?? 0n,
    ...(span.events ?? []).map(({ timeUnixNano = 0n }) => timeUnixNano),
  ]);
  const ranks = new Map(
    [...new Set(times)].sort(compare).map((time, rank) => [time, epoch + BigInt(rank) * aMillisecond]),
  );
  const time = (value) => ranks.get(value ?? 0n);
  const id = (known, value) => (value ? (known.get(value) ?? value) : value);

  const spanOf = (span) => ({
    ...span,
    traceId: id(traceIds, span.traceId),
    spanId: id(spanIds, span.spanId),
    parentSpanId: id(spanIds, span.parentSpanId),
    startTimeUnixNano: time(span.startTimeUnixNano),
    endTimeUnixNano: time(span.endTimeUnixNano),
    events: span.events?.map((event) => ({ ...event, timeUnixNano: time(event.timeUnixNano) })),
    links: span.links?.map((link) => ({
      ...link,
      traceId: id(traceIds, link.traceId),
      spanId: id(spanIds, link.spanId),
    })),
  });
  return (resourceSpans) => ({
    ...resourceSpans,
    resource: {
      attributes:
        resourceSpans.resource?.attributes.filter(
          ({ key }) => !/^((process|host|os|service\.instance)\.|spanhouse\.instance$)/.test(key),
        ) ?? [],
    },
    scopeSpans: resourceSpans.scopeSpans.map((scope) => ({ ...scope, spans: scope.spans.map(spanOf) })),
  });
}

const startOf = ({ startTimeUnixNano = 0n }) => startTimeUnixNano;
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** Distinct ids → 1, 2, … in as many hex digits. */
function numbered(ids, digits) {
  return new Map([...new Set(ids)].map((value, index) => [value, (index + 1).toString(16).padStart(digits, "0")]));
}

function tidied(json, places) {
  const root = join(import.meta.dirname, "..", "..", "..");
  let text = json;
  for (const [name, place] of [...Object.entries(places), ["/app", root], ["/tmp", tmpdir()], ["~", homedir()]]) {
    text = text.replaceAll(place, name);
  }
  return text;
}
