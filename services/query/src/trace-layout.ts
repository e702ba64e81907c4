import type { TraceSummary } from "@spanhouse/schemas/api/traces";
import { parseDollars } from "@spanhouse/schemas/money";
import { type AnnouncedSpan, readAnnouncedSpans } from "@spanhouse/store/readers/announced-spans";
import type { ProjectReader } from "@spanhouse/store/readers/project-reader";
import { findTrace } from "@spanhouse/store/readers/trace-place";
import { readSmallTrace, readSpanPlaces, type SpanFields, type SpanPlaces } from "@spanhouse/store/readers/trace-spans";
import { readStandingTrace } from "@spanhouse/store/readers/traces";
import type { LayoutCache } from "./layout-cache.ts";
import { criticalTimes, selfTimes, subtreeSums } from "./span-times.ts";
import { buildSpanTree } from "./span-tree.ts";
import { unixNano } from "./time-range.ts";
import { announcedSummary, summaryOf } from "./trace-state.ts";
import type { TraceTree } from "./trace-tree.ts";

/** A whole trace without its spans' fields. */
export interface TraceLayout extends TraceTree {
  readonly trace: TraceSummary;
  /** Of all spans that have ended, where they are few enough to have been read with the tree. */
  readonly fields: ReadonlyMap<string, SpanFields> | undefined;
  readonly open: ReadonlyMap<string, AnnouncedSpan>;
}

/** Up to so many spans one query reads all there is to show. */
const smallTrace = 1000;

/**
 * The tree is built from keys alone: 100,000 spans take a few hundred milliseconds, once for each state of the trace.
 * Undefined: there is no such trace.
 */
export async function readTraceLayout(
  { reader, project, layouts }: LayoutReading,
  traceId: string,
): Promise<TraceLayout | undefined> {
  const key = `${project}/${traceId}`;
  const announcing = readAnnouncedSpans(reader, [traceId]);
  announcing.catch(() => undefined);
  const place = await findTrace(reader, traceId);
  const [standing, small, announced] = await Promise.all([
    place && readStandingTrace(reader, place),
    place && !layouts.knows(key) ? readSmallTrace(reader, place, smallTrace) : undefined,
    announcing,
  ]);
  const [earliest, ...others] = announced;
  const trace = standing ? summaryOf(standing.trace, announced) : earliest && announcedSummary([earliest, ...others]);
  if (trace === undefined) return undefined;
  const open = new Map(announced.map((span) => [span.span_id, span]));
  if (small) return { trace, fields: small, open, ...treeOf(placesOf([...small.values()]), announced) };

  const state = `${standing?.rank} ${announced.map(({ span_id }) => span_id).join(" ")}`;
  const known = layouts.get(key, state);
  if (known) return { trace, fields: undefined, open, ...known };
  const tree = treeOf(place ? await readSpanPlaces(reader, place) : noPlaces, announced);
  layouts.put(key, state, tree);
  return { trace, fields: undefined, open, ...tree };
}

const noPlaces: SpanPlaces = { start: 0n, places: [] };

/** Who reads, and what of that was built before. */
export interface LayoutReading {
  readonly reader: ProjectReader;
  readonly project: string;
  readonly layouts: LayoutCache;
}

function treeOf(ended: SpanPlaces, announced: readonly AnnouncedSpan[]): TraceTree {
  const { start, places: known } = announced.length === 0 ? ended : bothByStart(ended, announced);
  const tree = buildSpanTree(known);
  const spans = tree.spans.map(({ at }) => known[at]!);
  const startNs = Float64Array.from(spans, (span) => span.startNs);
  const startUs = startNs.map((ns) => Math.floor(ns / 1000));
  // One that has not ended runs on while the trace does.
  const latest = spans.reduce((most, { durationUs }, i) => Math.max(most, startUs[i]! + durationUs), 0);
  const open = new Set(announced.map(({ span_id }) => span_id));
  const end = Float64Array.from(spans, ({ spanId, durationUs }, i) =>
    open.has(spanId) ? Math.max(latest, startUs[i]!) : startUs[i]! + durationUs,
  );
  const parent = Int32Array.from(tree.spans, (placed) => placed.parent);
  const timed = { parent, start: startUs, end };
  const own = spans.map(({ cost }) => cost);
  return {
    ...{ syntheticRoot: tree.syntheticRoot, spans: tree.spans, start, startNs, durationUs: latest },
    selfUs: selfTimes(timed),
    criticalUs: criticalTimes(timed),
    subtreeCost: subtreeSums(parent, own),
    cost: own.reduce((sum, cost) => sum + cost, 0n),
  };
}

function placesOf(fields: readonly SpanFields[]): SpanPlaces {
  const timed = fields.map((span) => ({ span, start: unixNano(span.start_time) }));
  timed.sort((a, b) => Number(a.start - b.start) || (a.span.span_id < b.span.span_id ? -1 : 1));
  const start = timed[0]?.start ?? 0n;
  return {
    start,
    places: timed.map(({ span, start: own }) => ({
      ...{ spanId: span.span_id, parentSpanId: span.parent_span_id ?? "", durationUs: span.duration_us },
      startNs: Number(own - start),
      cost: span.void || span.aggregate ? 0n : parseDollars(span.cost),
    })),
  };
}

/** A span that has ended between the queries is both: it counts as ended. */
function bothByStart({ start, places }: SpanPlaces, announced: readonly AnnouncedSpan[]): SpanPlaces {
  const ended = new Set(places.map(({ spanId }) => spanId));
  const open = announced.filter(({ span_id }) => !ended.has(span_id));
  const earliest = open.reduce(
    (least, { start_nano }) => (BigInt(start_nano) < least ? BigInt(start_nano) : least),
    places.length > 0 ? start : BigInt(announced[0]!.start_nano),
  );
  const shift = Number(start - earliest);
  return {
    start: earliest,
    places: [
      ...places.map((place) => ({ ...place, startNs: place.startNs + shift })),
      ...open.map(({ span_id, parent_span_id, start_nano }) => ({
        ...{ spanId: span_id, parentSpanId: parent_span_id, durationUs: 0, cost: 0n },
        startNs: Number(BigInt(start_nano) - earliest),
      })),
    ].sort((a, b) => a.startNs - b.startNs),
  };
}
