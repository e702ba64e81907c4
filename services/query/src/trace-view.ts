import type { TreeNode } from "@spanhouse/schemas/api/spans";
import type { TraceDetail } from "@spanhouse/schemas/api/traces";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { formatDollars } from "@spanhouse/schemas/money";
import type { AnnouncedSpan } from "@spanhouse/store/readers/announced-spans";
import { readTraceSpans, type SpanFields } from "@spanhouse/store/readers/trace-spans";
import { type LayoutReading, readTraceLayout, type TraceLayout } from "./trace-layout.ts";

/** Some rows of a trace's tree, with the fields of their spans. */
export interface LayoutPage {
  readonly layout: TraceLayout;
  /** The row of the first span of the page. */
  readonly start: number;
  /** From `start` on. */
  readonly fields: readonly SpanFields[];
  /** The last span of the page, where there are more. */
  readonly lastSpanId: string | undefined;
}

/**
 * The page of the tree after the span `after`. Undefined where the project has no such trace; INVALID_CURSOR where the
 * trace has no span `after`.
 */
export async function readLayoutPage(
  reading: LayoutReading,
  traceId: string,
  after: string | undefined,
  limit: number,
): Promise<LayoutPage | undefined> {
  const layout = await readTraceLayout(reading, traceId);
  if (layout === undefined) return undefined;
  const { spans, open } = layout;
  const start = after === undefined ? 0 : spans.findIndex(({ spanId }) => spanId === after) + 1;
  if (after !== undefined && start === 0) {
    throw new SpanhouseError("INVALID_CURSOR", `cursor: trace ${traceId} has no span ${after}.`);
  }
  const page = spans.slice(start, start + limit);
  const ended =
    layout.fields ??
    (await readTraceSpans(
      reading.reader,
      traceId,
      page.map(({ spanId }) => spanId),
    ));
  const fields = page.map(({ spanId }) => {
    const announcement = open.get(spanId);
    const span = ended.get(spanId) ?? (announcement && openFields(announcement));
    if (span) return span;
    throw new Error(`span ${spanId} of trace ${traceId} was there and is not any more`);
  });
  return { layout, start, fields, lastSpanId: start + limit < spans.length ? page.at(-1)?.spanId : undefined };
}

export function traceDetailOf({ layout, start, fields }: LayoutPage): Omit<TraceDetail, "next_cursor"> {
  return {
    trace: layout.trace,
    synthetic_root: layout.syntheticRoot,
    tree_size: layout.spans.length,
    spans: fields.map((span, i) => nodeOf(layout, start + i, span)),
  };
}

function nodeOf({ spans, selfUs, criticalUs, subtreeCost, cost }: TraceLayout, at: number, span: SpanFields): TreeNode {
  const { depth, children, descendants, orphan, cycle, startsBeforeParentUs } = spans[at]!;
  const below = subtreeCost[at]!;
  return {
    ...span,
    ...{ depth, children, descendants, orphan, cycle },
    ...{ self_us: selfUs[at]!, critical_us: criticalUs[at]!, subtree_cost: formatDollars(below) },
    // A ratio of sums of money: parts in a million keep it out of floats until here.
    cost_share: cost === 0n ? 0 : Number((below * 1_000_000n) / cost) / 1_000_000,
    starts_before_parent_us: startsBeforeParentUs,
  };
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
