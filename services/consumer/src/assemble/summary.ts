import { possibleTime } from "@spanhouse/schemas/bucket";
import type { ErrorClass, Outcome } from "@spanhouse/schemas/outcome";
import { refusals } from "@spanhouse/schemas/outcome";
import { rankOf } from "@spanhouse/store/rank";
import { bearsUsage, byStart, type TraceRow } from "@spanhouse/store/traces/trace-row";
import type { TraceSummary } from "@spanhouse/store/traces/trace-summary";
import { isAggregate, isVoid } from "@spanhouse/store/version";
import { DistinctTexts } from "./distinct-texts.ts";
import { cyclesOf, parentsOf } from "./forest.ts";
import { outcomeOfTrace, topSpansOf } from "./trace-outcome.ts";

/** The summary of one trace from all its marked rows (at least one): a function of their set. */
export function summarise(project: string, traceId: string, rows: readonly TraceRow[]): TraceSummary {
  const known = rows.filter((row) => !isVoid(row.version)).sort(byStart);
  const parents = parentsOf(known);
  const tops = topSpansOf(known, parents);
  const top = tops.spans[0] ?? known[0];
  const spans = spansOf(known);
  const names = namesOf(known);
  const spend = spendOf(known);
  const outcome = outcomeOfTrace(tops.spans, spend.calls);
  const { start, end } = spans;
  const buckets = bucketsOf(rows);

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
    aggregateCount: known.length - spend.counted,
    modelCalls: spend.calls.length,
    toolCalls: spans.toolCalls,
    errorCount: spans.errorCount,
    refusalCount: spend.refusalCount,
    retryCount: spend.retryCount,
    inputTokens: spend.inputTokens,
    cacheReadTokens: spend.cacheReadTokens,
    cacheWriteTokens: spend.cacheWriteTokens,
    outputTokens: spend.outputTokens,
    reasoningTokens: spend.reasoningTokens,
    cost: spend.cost,
    estimatedCost: spend.estimatedCost,
    cacheSavings: spend.cacheSavings,
    wastedCost: spend.wastedCost,
    pricedCalls: spend.pricedCalls,
    estimatedCalls: spend.estimatedCalls,
    unpricedCalls: spend.unpricedCalls,
    unknownUsageCalls: spend.unknownUsageCalls,
    outcome,
    outcomes: names.outcomes.sorted(),
    errorClasses: names.errorClasses.sorted(),
    message: outcome === "ok" ? "" : messageOf(top, known, outcome),
    refusal: refusals[spend.refusal]!,
    userId: top?.userId || spans.userId,
    conversationId: top?.conversationId || spans.conversationId,
    tags: names.tags.sorted(),
    services: names.services.sorted(),
    environments: names.environments.sorted(),
    providers: names.providers.sorted(),
    requestModels: names.requestModels.sorted(),
    responseModels: names.responseModels.sorted(),
    operations: names.operations.sorted(),
    features: names.features.sorted(),
    releases: names.releases.sorted(),
    teams: names.teams.sorted(),
    prompts: names.prompts.sorted(),
    toolNames: names.toolNames.sorted(),
    lastBucket: buckets.at(-1)!,
    buckets,
    rank: rankOf(rows),
  };
}

const wasteful: ReadonlySet<Outcome> = new Set(["error", "aborted", "truncated"]);

/** What the trace's spans say, by start: times that are possible (0n: none is), and whose it was. */
function spansOf(known: readonly TraceRow[]) {
  const told = { start: 0n, end: 0n, toolCalls: 0, errorCount: 0, userId: "", conversationId: "" };
  for (const row of known) {
    if (row.role === "tool") told.toolCalls++;
    if (row.outcome === "error") told.errorCount++;
    if (told.userId === "") told.userId = row.userId;
    if (told.conversationId === "") told.conversationId = row.conversationId;
    if (possibleTime(row.startTime) && (told.start === 0n || row.startTime < told.start)) told.start = row.startTime;
    if (possibleTime(row.endTime) && row.endTime > told.end) told.end = row.endTime;
  }
  return told;
}

/** What calls, and whatever else reported usage, used and cost; what repeats usage is left out. */
function spendOf(known: readonly TraceRow[]) {
  const calls: TraceRow[] = [];
  const told = { calls, counted: 0, refusal: 0, refusalCount: 0, retryCount: 0, ...noSpend };
  for (const row of known) {
    if (isAggregate(row.version)) continue;
    told.counted++;
    const isReported = bearsUsage(row);
    const isCall = row.role === "model";
    if (!isCall && !isReported) continue;
    // An estimate never enters an exact column.
    if (isReported) {
      told.inputTokens += row.inputTokens;
      told.cacheReadTokens += row.cacheReadTokens;
      told.cacheWriteTokens += row.cacheWriteTokens;
      told.outputTokens += row.outputTokens;
      told.reasoningTokens += row.reasoningTokens;
    }
    told.cost += row.cost;
    told.estimatedCost += row.estimatedCost;
    told.cacheSavings += row.cacheSavings;
    if (wasteful.has(row.outcome)) told.wastedCost += row.cost;
    if (!isCall) continue;
    calls.push(row);
    if (row.isRetry) told.retryCount++;
    if (row.refusal !== "none") {
      told.refusalCount++;
      told.refusal = Math.max(told.refusal, refusals.indexOf(row.refusal));
    }
    if (row.priceState === "priced") told.pricedCalls++;
    else if (row.priceState === "estimated") told.estimatedCalls++;
    else if (row.priceState === "unknown_model") told.unpricedCalls++;
    if (row.usageState === "unknown") told.unknownUsageCalls++;
  }
  return told;
}

const noSpend = {
  ...{ inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0, reasoningTokens: 0 },
  ...{ cost: 0n, estimatedCost: 0n, cacheSavings: 0n, wastedCost: 0n },
  ...{ pricedCalls: 0, estimatedCalls: 0, unpricedCalls: 0, unknownUsageCalls: 0 },
};

/** Everything by which a trace is found. */
function namesOf(known: readonly TraceRow[]) {
  const names = {
    outcomes: new DistinctTexts<Outcome>(),
    errorClasses: new DistinctTexts<ErrorClass>(),
    tags: new DistinctTexts(),
    services: new DistinctTexts(),
    environments: new DistinctTexts(),
    providers: new DistinctTexts(),
    requestModels: new DistinctTexts(),
    responseModels: new DistinctTexts(),
    operations: new DistinctTexts(),
    features: new DistinctTexts(),
    releases: new DistinctTexts(),
    teams: new DistinctTexts(),
    prompts: new DistinctTexts(),
    toolNames: new DistinctTexts(),
  };
  for (const row of known) {
    names.outcomes.add(row.outcome);
    if (row.errorClass !== "none") names.errorClasses.add(row.errorClass);
    for (const tag of row.tags) names.tags.add(tag);
    names.services.addTold(row.service);
    names.environments.addTold(row.environment);
    names.providers.addTold(row.provider);
    names.requestModels.addTold(row.requestModel);
    names.responseModels.addTold(row.responseModel);
    names.operations.addTold(row.operation);
    names.features.addTold(row.feature);
    names.releases.addTold(row.release);
    names.teams.addTold(row.team);
    names.prompts.addTold(row.prompt);
    names.toolNames.addTold(row.toolName);
  }
  return names;
}

/** The top span's; else of the earliest that ended so and says something. */
function messageOf(top: TraceRow | undefined, known: readonly TraceRow[], outcome: Outcome): string {
  return top?.message || (known.find((row) => row.outcome === outcome && row.message !== "")?.message ?? "");
}

/** Ascending. */
function bucketsOf(rows: readonly TraceRow[]): number[] {
  const buckets = new Set<number>();
  let last = -1;
  for (const { bucket } of rows) {
    if (bucket !== last) buckets.add(bucket);
    last = bucket;
  }
  return buckets.size === 1 ? [last] : [...buckets].sort((a, b) => a - b);
}
