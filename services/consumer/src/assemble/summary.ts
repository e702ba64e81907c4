import { type Bucket, possibleTime } from "@spanhouse/schemas/bucket";
import type { PicoDollars } from "@spanhouse/schemas/money";
import type { Outcome, Refusal } from "@spanhouse/schemas/outcome";
import { refusals } from "@spanhouse/schemas/outcome";
import { cyclesOf, parentsOf } from "./forest.ts";
import { rankOf } from "./rank.ts";
import { outcomeOfTrace, topSpansOf } from "./trace-outcome.ts";
import { bearsUsage, byStart, type TraceRow } from "./trace-row.ts";
import { isAggregate, isVoid } from "./version.ts";

/** A row of `traces`. What it counts leaves void rows out; spend leaves aggregates out too. */
export interface TraceSummary {
  readonly project: string;
  readonly traceId: string;
  /** The earliest span without parent; without one, the earliest that hangs highest, and `hasRoot` is false. */
  readonly rootSpanId: string;
  readonly name: string;
  readonly hasRoot: boolean;
  /** Distinct span ids that are named as parents and have not come. */
  readonly missingParents: number;
  readonly hasCycle: boolean;
  /** Unix nanoseconds, of possible times only; 0n when there are none. */
  readonly start: bigint;
  readonly end: bigint;
  readonly durationUs: number;
  readonly spanCount: number;
  readonly voidCount: number;
  readonly aggregateCount: number;
  /** Calls to providers, retries included. */
  readonly modelCalls: number;
  readonly toolCalls: number;
  readonly errorCount: number;
  readonly refusalCount: number;
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly cost: PicoDollars;
  readonly estimatedCost: PicoDollars;
  readonly cacheSavings: PicoDollars;
  /** Of `cost`: retries, and what ended in an error, an abort or a truncation. */
  readonly wastedCost: PicoDollars;
  readonly pricedCalls: number;
  readonly unpricedCalls: number;
  readonly unknownUsageCalls: number;
  readonly outcome: Outcome;
  readonly outcomes: readonly Outcome[];
  /** The most certain one of the calls that count. */
  readonly refusal: Refusal;
  /** The root's; else the earliest span's that has one. */
  readonly userId: string;
  readonly conversationId: string;
  readonly tags: readonly string[];
  readonly services: readonly string[];
  readonly environments: readonly string[];
  readonly providers: readonly string[];
  /** Response models. */
  readonly models: readonly string[];
  readonly features: readonly string[];
  readonly toolNames: readonly string[];
  /** Of all rows, void ones too: neither ever loses a bucket. */
  readonly lastBucket: Bucket;
  readonly buckets: readonly Bucket[];
  /** UInt128, see rank.ts. */
  readonly rank: bigint;
}

/** The summary of one trace from all its marked rows (at least one): a function of their set. */
export function summarise(project: string, traceId: string, rows: readonly TraceRow[]): TraceSummary {
  const known = rows.filter((row) => !isVoid(row.version)).sort(byStart);
  const counted = known.filter((row) => !isAggregate(row.version));
  const spent = counted.filter((row) => row.role === "model" || bearsUsage(row));
  const calls = spent.filter((row) => row.role === "model");
  const wasted = spent.filter((row) => row.isRetry || wasteful.has(row.outcome));

  const parents = parentsOf(known);
  const tops = topSpansOf(known, parents);
  const top = tops.spans[0] ?? known[0];
  const start = extreme(known, (row) => row.startTime, -1);
  const end = extreme(known, (row) => row.endTime, 1);
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
    inputTokens: total(spent, (row) => row.inputTokens),
    cacheReadTokens: total(spent, (row) => row.cacheReadTokens),
    cacheWriteTokens: total(spent, (row) => row.cacheWriteTokens),
    outputTokens: total(spent, (row) => row.outputTokens),
    reasoningTokens: total(spent, (row) => row.reasoningTokens),
    cost: money(spent, (row) => row.cost),
    estimatedCost: money(spent, (row) => row.estimatedCost),
    cacheSavings: money(spent, (row) => row.cacheSavings),
    wastedCost: money(wasted, (row) => row.cost),
    pricedCalls: count(calls, (row) => row.priceState === "priced"),
    unpricedCalls: count(calls, (row) => row.priceState === "unknown_model"),
    unknownUsageCalls: count(calls, (row) => row.usageState === "unknown"),
    outcome: outcomeOfTrace(tops.spans, calls),
    outcomes: distinct(known, (row) => row.outcome),
    refusal: refusals[Math.max(0, ...distinct(calls, (row) => row.refusal).map((one) => refusals.indexOf(one)))]!,
    userId: firstText(top, known, (row) => row.userId),
    conversationId: firstText(top, known, (row) => row.conversationId),
    tags: [...new Set(known.flatMap((row) => row.tags))].sort(),
    services: distinct(known, (row) => row.service),
    environments: distinct(known, (row) => row.environment),
    providers: distinct(known, (row) => row.provider),
    models: distinct(known, (row) => row.responseModel),
    features: distinct(known, (row) => row.feature),
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
