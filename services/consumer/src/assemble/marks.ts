import { bearsUsage, type TraceRow } from "@spanhouse/store/traces/trace-row";
import { contentRank, isVoid, withMarks } from "@spanhouse/store/version";
import { noParent, parentsOf } from "./forest.ts";
import { type Intervals, intervalsOf } from "./intervals.ts";
import { Stretches } from "./stretches.ts";

export interface MarkedTrace {
  /** All rows, with the marks that they must have; one per (bucket, span id). */
  readonly rows: readonly TraceRow[];
  /** Those whose marks rose: what must be inserted again. */
  readonly raised: readonly TraceRow[];
}

/**
 * Decides which rows of one trace count, so that every token is priced once.
 *
 * - **void**: of the rows of one span id (in several buckets) the greatest (content rank, bucket) counts, the others are
 *   void and play no part in what follows; they are aggregate too, since some were before they were superseded.
 * - **aggregate**: usage that is told again, and must not be added up. "Below" is any distance down, without crossing a
 *   tool: what a tool's own calls use is not what the call above the tool used.
 *   - M1: a wrapper with usage, above a call or wrapper of its family with usage.
 *   - M2: a call with usage, above a call of its family with usage and the same response id; or, where one of both has
 *     no id, above calls whose output tokens sum to at least its own.
 *   - M3: of calls with the same response id, model and usage anywhere in the trace, all but the one with the least span
 *     id. Between those, M2 says nothing.
 *   - M4: a call that no usage was reported of, above a call of its family, or with the response id of a call with usage
 *     anywhere in the trace: it is that call, told by another instrumentation.
 *
 * A function of the set of rows. Marks only rise: those that the rows bring stay, and while a span id keeps its parent
 * and usage, more rows only mean more marks. Near-linear in the number of rows for any shape, parent cycles included.
 */
export function markTrace(rows: readonly TraceRow[]): MarkedTrace {
  const { kept, superseded } = keepOnePerSpan(rows);
  const aggregates = aggregatesOf(kept);
  const marked: TraceRow[] = [];
  const raised: TraceRow[] = [];
  const put = (row: TraceRow, version: bigint) => {
    if (version === row.version) {
      marked.push(row);
      return;
    }
    const risen = { ...row, version };
    marked.push(risen);
    raised.push(risen);
  };
  kept.forEach((row, i) => {
    put(row, aggregates.has(i) ? withMarks(row.version, { void: false, aggregate: true }) : row.version);
  });
  // Both bits: a row that was found aggregate before it was superseded ends like one that came too late for that.
  for (const row of superseded) put(row, withMarks(row.version, { void: true, aggregate: true }));
  return { rows: marked, raised };
}

/** The row that counts of each span id, and the others. A row seen twice (same bucket and span id) is its newest. */
function keepOnePerSpan(rows: readonly TraceRow[]): { kept: TraceRow[]; superseded: TraceRow[] } {
  const candidates = new Map<string, TraceRow | TraceRow[]>();
  for (const row of rows) {
    const others = candidates.get(row.spanId);
    if (!others) candidates.set(row.spanId, row);
    else if (Array.isArray(others)) others.push(row);
    else candidates.set(row.spanId, [others, row]);
  }
  const kept: TraceRow[] = [];
  const superseded: TraceRow[] = [];
  for (const candidate of candidates.values()) {
    const [first, ...others] = Array.isArray(candidate) ? newestOfBuckets(candidate).sort(byPrecedence) : [candidate];
    (isVoid(first!.version) ? superseded : kept).push(first!);
    superseded.push(...others);
  }
  return { kept, superseded };
}

function newestOfBuckets(rows: readonly TraceRow[]): TraceRow[] {
  const newest = new Map<number, TraceRow>();
  for (const row of rows) {
    const other = newest.get(row.bucket);
    if (!other || row.version > other.version) newest.set(row.bucket, row);
  }
  return [...newest.values()];
}

/** What was found void once stays so and comes last; then the greatest (content rank, bucket) first. */
function byPrecedence(a: TraceRow, b: TraceRow): number {
  return (
    Number(isVoid(a.version)) - Number(isVoid(b.version)) ||
    contentRank(b.version) - contentRank(a.version) ||
    b.bucket - a.bucket
  );
}

/** The indexes of the rows that repeat usage, by M1 to M3. */
function aggregatesOf(rows: readonly TraceRow[]): ReadonlySet<number> {
  const aggregates = new Set<number>();
  let telling = 0;
  for (const row of rows) if (row.role === "model" || countsUsage(row)) telling++;
  if (telling < 2) return aggregates;

  const parents = parentsOf(rows);
  // Nothing is "below" through a tool: its link to its parent is not followed.
  for (let i = 0; i < rows.length; i++) if (rows[i]!.role === "tool") parents[i] = noParent;
  const intervals = intervalsOf(parents);

  const spenders = new Stretches();
  const calls = new Stretches();
  const callsWithoutId = new Stretches();
  const anyCalls = new Stretches();
  const callsOfId = new Map<string, number[]>();
  for (let place = 0; place < rows.length; place++) {
    const i = intervals.order[place]!;
    const row = rows[i]!;
    if (row.role === "model") anyCalls.add(row.family, place, 0);
    if (!countsUsage(row)) continue;
    spenders.add(row.family, place, 0);
    if (row.role !== "model") continue;
    calls.add(row.family, place, row.outputTokens);
    if (row.responseId === "") callsWithoutId.add(row.family, place, row.outputTokens);
    else {
      const twins = callsOfId.get(row.responseId);
      if (twins) twins.push(place);
      else callsOfId.set(row.responseId, [place]);
    }
  }

  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    const enter = intervals.enter[i]!;
    const leave = intervals.leave[i]!;
    if (!countsUsage(row)) {
      if (row.role !== "model") continue;
      if (callsOfId.has(row.responseId) || anyCalls.count(row.family, enter, leave) > 1) aggregates.add(i);
    } else if (row.role === "wrapper") {
      if (spenders.count(row.family, enter, leave) > 1) aggregates.add(i);
    } else {
      // Where the call itself has no id, it is among those that are counted.
      const own = row.responseId === "" ? 1 : 0;
      const below = own ? calls : callsWithoutId;
      if (below.count(row.family, enter, leave) <= own) continue;
      const output = BigInt(row.outputTokens);
      if (below.sum(row.family, enter, leave) >= output + (own ? output : 0n)) aggregates.add(i);
    }
  }
  for (const places of callsOfId.values()) if (places.length > 1) markTwins(rows, intervals, places, aggregates);
  return aggregates;
}

/** Whether the row can repeat usage or be repeated: a call or a wrapper with usage. */
function countsUsage(row: TraceRow): boolean {
  return (row.role === "model" || row.role === "wrapper") && bearsUsage(row);
}

/** M3, and M2 where the ids are the same, for the calls of one response id; `places` ascend. */
function markTwins(
  rows: readonly TraceRow[],
  { order, enter, leave }: Intervals,
  places: readonly number[],
  aggregates: Set<number>,
): void {
  const least = new Map<string, string>();
  const calls = new Stretches();
  const same = new Stretches();
  const usages: string[] = [];
  for (const place of places) {
    const row = rows[order[place]!]!;
    const usage = usageKey(row);
    usages.push(usage);
    const other = least.get(usage);
    if (other === undefined || row.spanId < other) least.set(usage, row.spanId);
    calls.add(row.family, place, 0);
    same.add(`${row.family} ${usage}`, place, 0);
  }
  places.forEach((place, n) => {
    const i = order[place]!;
    const row = rows[i]!;
    const below = calls.count(row.family, enter[i]!, leave[i]!);
    const ofThemSame = same.count(`${row.family} ${usages[n]}`, enter[i]!, leave[i]!);
    if (below > ofThemSame || row.spanId !== least.get(usages[n]!)) aggregates.add(i);
  });
}

function usageKey(row: TraceRow): string {
  const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, reasoningTokens } = row;
  const model = row.responseModel || row.requestModel;
  return `${inputTokens} ${cacheReadTokens} ${cacheWriteTokens} ${outputTokens} ${reasoningTokens} ${model}`;
}
