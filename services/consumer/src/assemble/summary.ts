import { possibleTime } from "@spanhouse/schemas/bucket";
import type { PicoDollars } from "@spanhouse/schemas/money";
import type { Outcome } from "@spanhouse/schemas/outcome";
import { refusals } from "@spanhouse/schemas/outcome";
import { rankOf } from "@spanhouse/store/rank";
import { bearsUsage, byStart, type TraceRow } from "@spanhouse/store/traces/trace-row";
import type { TraceSummary } from "@spanhouse/store/traces/trace-summary";
import { isAggregate, isVoid } from "@spanhouse/store/version";
import { cyclesOf, parentsOf } from "./forest.ts";
import { outcomeOfTrace, topSpansOf } from "./trace-outcome.ts";

/** The summary of one trace from all its marked rows (at least one): a function of their set. */
export function summarise(project: string, traceId: string, rows: readonly TraceRow[]): TraceSummary {
  const known = rows.filter((row) => !isVoid(row.version)).sort(byStart);
  const counted = known.filter((row) => !isAggregate(row.version));
  const spent = counted.filter((row) => row.role === "model" || bearsUsage(row));
  const calls = spent.filter((row) => row.role === "model");
  // An estimate never enters an exact column.
  const reported = spent.filter((row) => row.usageState === "exact");
  const wasted = spent.filter((row) => wasteful.has(row.outcome));

  const parents = parentsOf(known);
  const tops = topSpansOf(known, parents);
  const top = tops.spans[0] ?? known[0];
  const start = extreme(known, (row) => row.startTime, -1);
  const end = extreme(known, (row) => row.endTime, 1);
  const outcome = outcomeOfTrace(tops.spans, calls);
  const buckets = [...new Set(rows.map((row) => row.bucket))].sort((a, b) => a - b);

  return {
    project,
    traceId,
    rootSpanId: top?.spanId ?? "",
    name: top?.name ?? "",
    hasRoot: tops.rooted,
    missingParents: tops.missing,
    hasCycle: cyclesOf(parents).length > 0,
    start,
    end,
    durationUs: start > 0n && end > start ? Number((end - start) / 1000n) : 0,
    spanCount: known.length,
    voidCount: rows.length - known.length,
    aggregateCount: known.length - counted.length,
    modelCalls: calls.length,
    toolCalls: count(known, (row) => row.role === "tool"),
    errorCount: count(known, (row) => row.outcome === "error"),
    refusalCount: count(calls, (row) => row.refusal !== "none"),
    retryCount: count(calls, (row) => row.isRetry),
    inputTokens: total(reported, (row) => row.inputTokens),
    cacheReadTokens: total(reported, (row) => row.cacheReadTokens),
    cacheWriteTokens: total(reported, (row) => row.cacheWriteTokens),
    outputTokens: total(reported, (row) => row.outputTokens),
    reasoningTokens: total(reported, (row) => row.reasoningTokens),
    cost: money(spent, (row) => row.cost),
    estimatedCost: money(spent, (row) => row.estimatedCost),
    cacheSavings: money(spent, (row) => row.cacheSavings),
    wastedCost: money(wasted, (row) => row.cost),
    pricedCalls: count(calls, (row) => row.priceState === "priced"),
    estimatedCalls: count(calls, (row) => row.priceState === "estimated"),
    unpricedCalls: count(calls, (row) => row.priceState === "unknown_model"),
    unknownUsageCalls: count(calls, (row) => row.usageState === "unknown"),
    outcome,
    outcomes: distinct(known, (row) => row.outcome),
    errorClasses: distinct(
      known.filter((row) => row.errorClass !== "none"),
      (row) => row.errorClass,
    ),
    message:
      outcome === "ok"
        ? ""
        : firstText(
            top,
            known.filter((row) => row.outcome === outcome),
            (row) => row.message,
          ),
    refusal: refusals[Math.max(0, ...distinct(calls, (row) => row.refusal).map((one) => refusals.indexOf(one)))]!,
    userId: firstText(top, known, (row) => row.userId),
    conversationId: firstText(top, known, (row) => row.conversationId),
    tags: [...new Set(known.flatMap((row) => row.tags))].sort(),
    services: distinct(known, (row) => row.service),
    environments: distinct(known, (row) => row.environment),
    providers: distinct(known, (row) => row.provider),
    requestModels: distinct(known, (row) => row.requestModel),
    responseModels: distinct(known, (row) => row.responseModel),
    operations: distinct(known, (row) => row.operation),
    features: distinct(known, (row) => row.feature),
    releases: distinct(known, (row) => row.release),
    teams: distinct(known, (row) => row.team),
    prompts: distinct(known, (row) => row.prompt),
    toolNames: distinct(known, (row) => row.toolName),
    lastBucket: buckets.at(-1)!,
    buckets,
    rank: rankOf(rows),
  };
}

const wasteful: ReadonlySet<Outcome> = new Set(["error", "aborted", "truncated"]);

function count(rows: readonly TraceRow[], holds: (row: TraceRow) => boolean): number {
  let n = 0;
  for (const row of rows) if (holds(row)) n++;
  return n;
}

function total(rows: readonly TraceRow[], amount: (row: TraceRow) => number): number {
  let sum = 0;
  for (const row of rows) sum += amount(row);
  return sum;
}

function money(rows: readonly TraceRow[], amount: (row: TraceRow) => PicoDollars): PicoDollars {
  let sum = 0n;
  for (const row of rows) sum += amount(row);
  return sum;
}

function distinct<Text extends string>(rows: readonly TraceRow[], text: (row: TraceRow) => Text): Text[] {
  const texts = new Set<Text>();
  for (const row of rows) {
    const one = text(row);
    if (one !== "") texts.add(one);
  }
  return [...texts].sort();
}

function firstText(top: TraceRow | undefined, known: readonly TraceRow[], text: (row: TraceRow) => string): string {
  if (top && text(top) !== "") return text(top);
  const first = known.find((row) => text(row) !== "");
  return first ? text(first) : "";
}

/** The least (-1) or greatest (1) possible time; 0n when there is none. */
function extreme(rows: readonly TraceRow[], time: (row: TraceRow) => bigint, direction: 1 | -1): bigint {
  let found = 0n;
  for (const row of rows) {
    const one = time(row);
    if (!possibleTime(one)) continue;
    if (found === 0n || (direction === 1 ? one > found : one < found)) found = one;
  }
  return found;
}
