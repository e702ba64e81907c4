import type { Bucket } from "@spanhouse/schemas/bucket";
import type { ClickHouse } from "../clickhouse.ts";
import { tombstoneRank } from "../rank.ts";
import { RowBinaryWriter } from "../row-binary.ts";
import type { TraceSummary } from "./trace-summary.ts";

/** A summary and the buckets at which its trace still lacks a tombstone. */
export interface SummaryToWrite {
  readonly summary: TraceSummary;
  readonly tombstones: readonly Bucket[];
}

/** Columns of a summary, in the order in which `writeSummaryRow` writes them. */
export const summaryColumns = [
  ...["project", "bucket", "trace_id", "rank", "live"],
  ...["root_span_id", "name", "has_root", "missing_parents", "has_cycle", "start_time", "end_time", "duration_us"],
  ...["spans", "void_spans", "aggregates", "calls", "tool_calls", "errors", "refusals", "retries"],
  ...["priced_calls", "estimated_calls", "unpriced_calls", "unknown_usage_calls"],
  ...["input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens"],
  ...["cost", "estimated_cost", "cache_savings", "wasted_cost"],
  ...["outcome", "outcomes", "refusal", "error_classes", "message", "user_id", "conversation_id", "tags"],
  ...["environments", "services", "releases", "teams", "features", "prompts", "providers", "request_models"],
  ...["response_models", "operations", "tool_names"],
] as const;

/** Tombstones name their columns alone; ClickHouse fills the rest with defaults. */
const tombstoneColumns = ["project", "bucket", "trace_id", "rank", "live"] as const;

/** Writes summaries at the greatest bucket of their traces, and tombstones at the others. Idempotent, in any order. */
export async function writeSummaries(clickhouse: ClickHouse, writes: readonly SummaryToWrite[]): Promise<void> {
  for (const group of byMonth(writes.map(({ summary }) => summary))) {
    const body = new RowBinaryWriter();
    for (const summary of group) writeSummaryRow(body, summary);
    await clickhouse.insert("traces", summaryColumns, body.bytes());
  }
  const tombstones = writes.flatMap(({ summary, tombstones }) =>
    tombstones.map((bucket) => ({ project: summary.project, traceId: summary.traceId, lastBucket: bucket })),
  );
  for (const group of byMonth(tombstones)) {
    const body = new RowBinaryWriter();
    for (const { project, traceId, lastBucket } of group) {
      body.string(project);
      body.dateTime(lastBucket * 60);
      body.fixedHex(traceId, 16);
      body.uint128(tombstoneRank);
      body.uint8(0);
    }
    await clickhouse.insert("traces", tombstoneColumns, body.bytes());
  }
}

export function writeSummaryRow(w: RowBinaryWriter, s: TraceSummary): void {
  w.string(s.project);
  w.dateTime(s.lastBucket * 60);
  w.fixedHex(s.traceId, 16);
  w.uint128(s.rank);
  w.uint8(1);

  w.fixedHex(s.rootSpanId, 8);
  w.string(s.name);
  w.uint8(s.hasRoot ? 1 : 0);
  w.uint32(s.missingParents);
  w.uint8(s.hasCycle ? 1 : 0);
  w.dateTime64(s.start);
  w.dateTime64(s.end);
  w.uint64(s.durationUs);

  w.uint32(s.spanCount);
  w.uint32(s.voidCount);
  w.uint32(s.aggregateCount);
  w.uint32(s.modelCalls);
  w.uint32(s.toolCalls);
  w.uint32(s.errorCount);
  w.uint32(s.refusalCount);
  w.uint32(s.retryCount);
  w.uint32(s.pricedCalls);
  w.uint32(s.estimatedCalls);
  w.uint32(s.unpricedCalls);
  w.uint32(s.unknownUsageCalls);

  const tokens = [s.inputTokens, s.cacheReadTokens, s.cacheWriteTokens, s.outputTokens, s.reasoningTokens];
  // A sum beyond what a number holds exactly is of counts that no call can have: it is told as that.
  for (const sum of tokens) w.uint64(Math.min(sum, Number.MAX_SAFE_INTEGER));
  w.decimal128(s.cost);
  w.decimal128(s.estimatedCost);
  w.decimal128(s.cacheSavings);
  w.decimal128(s.wastedCost);

  w.string(s.outcome);
  writeStrings(w, s.outcomes);
  w.string(s.refusal);
  writeStrings(w, s.errorClasses);
  w.string(s.message);
  w.string(s.userId);
  w.string(s.conversationId);
  const sets = [s.tags, s.environments, s.services, s.releases, s.teams, s.features, s.prompts, s.providers];
  for (const set of [...sets, s.requestModels, s.responseModels, s.operations, s.toolNames]) writeStrings(w, set);
}

function writeStrings(w: RowBinaryWriter, texts: readonly string[]): void {
  w.arrayLength(texts.length);
  for (const text of texts) w.string(text);
}

/** Rows by the UTC month of their bucket, which is the partition of `traces`. */
function byMonth<T extends { readonly lastBucket: Bucket }>(rows: readonly T[]): Iterable<T[]> {
  const months = new Map<string, T[]>();
  for (const row of rows) {
    const month = new Date(row.lastBucket * 60_000).toISOString().slice(0, 7);
    const group = months.get(month);
    if (group) group.push(row);
    else months.set(month, [row]);
  }
  return months.values();
}
