import type { TreeNode } from "@spanhouse/schemas/api/spans";
import type { TraceDetail } from "@spanhouse/schemas/api/traces";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { type AnnouncedSpan, readAnnouncedSpans } from "@spanhouse/store/readers/announced-spans";
import type { ProjectReader } from "@spanhouse/store/readers/project-reader";
import { readSpanPlaces, readTraceSpans, type SpanFields, type SpanPlace } from "@spanhouse/store/readers/trace-spans";
import { readTrace } from "@spanhouse/store/readers/traces";
import { buildSpanTree, type PlacedSpan } from "./span-tree.ts";
import { announcedSummary, summaryOf } from "./trace-state.ts";

export interface TracePage extends Omit<TraceDetail, "next_cursor"> {
  /** The last span of the page, where there are more. */
  readonly lastSpanId: string | undefined;
}

/**
 * A page of the tree, after the span `after`. The whole tree is built from keys alone; the rest of a span is read for
 * the page's. Undefined where the project has no such trace; INVALID_CURSOR where the trace has no span `after`.
 */
export async function readTracePage(
  reader: ProjectReader,
  traceId: string,
  after: string | undefined,
  limit: number,
): Promise<TracePage | undefined> {
  const [row, places, announced] = await Promise.all([
    readTrace(reader, traceId),
    readSpanPlaces(reader, traceId),
    readAnnouncedSpans(reader, [traceId]),
  ]);
  const [earliest, ...others] = announced;
  const trace = row ? summaryOf(row, announced) : earliest && announcedSummary([earliest, ...others]);
  if (trace === undefined) return undefined;

  const tree = buildSpanTree(bothByStart(places, announced));
  const start = after === undefined ? 0 : tree.spans.findIndex(({ spanId }) => spanId === after) + 1;
  if (after !== undefined && start === 0) {
    throw new SpanhouseError("INVALID_CURSOR", `cursor: trace ${traceId} has no span ${after}.`);
  }
  const page = tree.spans.slice(start, start + limit);
  const fields = await readTraceSpans(
    reader,
    traceId,
    page.map(({ spanId }) => spanId),
  );
  const open = new Map(announced.map((span) => [span.span_id, span]));
  return {
    trace,
    synthetic_root: tree.syntheticRoot,
    tree_size: tree.spans.length,
    spans: page.flatMap((placed) => {
      const announcement = open.get(placed.spanId);
      const span = fields.get(placed.spanId) ?? (announcement && openFields(announcement));
      return span ? [nodeOf(span, placed)] : [];
    }),
    lastSpanId: start + limit < tree.spans.length ? page.at(-1)?.spanId : undefined,
  };
}

/** A span that has ended between the queries is both: it counts as ended. */
function bothByStart(places: readonly SpanPlace[], announced: readonly AnnouncedSpan[]): readonly SpanPlace[] {
  if (announced.length === 0) return places;
  const ended = new Set(places.map(({ spanId }) => spanId));
  const open = announced
    .filter(({ span_id }) => !ended.has(span_id))
    .map((span) => ({
      spanId: span.span_id,
      parentSpanId: span.parent_span_id,
      startTime: BigInt(span.start_nano),
    }));
  return [...places, ...open].sort((a, b) => (a.startTime < b.startTime ? -1 : a.startTime > b.startTime ? 1 : 0));
}

function nodeOf(span: SpanFields, placed: PlacedSpan): TreeNode {
  const { depth, children, descendants, orphan, cycle, startsBeforeParentUs } = placed;
  return { ...span, depth, children, descendants, orphan, cycle, starts_before_parent_us: startsBeforeParentUs };
}

const nothing = "0.000000000000";

/** An announced span has no outcome, and nothing is known of its usage. */
function openFields({ parent_span_id, ...announced }: AnnouncedSpan): SpanFields {
  const { span_id, name, role, operation, service, request_model, start_time } = announced;
  return {
    ...{ span_id, name, operation, service, request_model, start_time },
    role: role as SpanFields["role"],
    parent_span_id: parent_span_id === "" ? null : parent_span_id,
    ...{ provider: "", response_model: "", tool_name: "", agent_name: "", message: "" },
    ...{ end_time: null, duration_us: 0, time_to_first_chunk_us: null },
    usage_state: "unknown",
    ...{ input_tokens: 0, cache_read_tokens: 0, cache_write_tokens: 0, output_tokens: 0, reasoning_tokens: 0 },
    ...{ price_state: "none", cost: nothing, estimated_cost: nothing },
    ...{ outcome: null, refusal: "none", error_class: "none" },
    ...{ attempt: 1, open: true, aggregate: false, void: false, flags: [] },
  };
}
