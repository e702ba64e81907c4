import { bearsUsage } from "@spanhouse/store/traces/trace-row";
import { isAggregate, isErased, isVoid, unpackVersion } from "@spanhouse/store/version";
import { markTrace } from "../../src/assemble/marks.ts";
import { collapse, summaryText } from "./protocol.ts";
import { costAt, derive, erasedRow, type SentRecord, type StoredRow } from "./records.ts";
import { hourKey, rowKey, type Spend, type Store, sliceKey, spendOf } from "./store.ts";

/** The rows of the accepted records under the active price, as nobody has marked them. */
export function freshRows(store: Store, accepted: readonly SentRecord[]): StoredRow[] {
  const rows = accepted.flatMap((record) => derive(record, store.activePrice));
  const named = new Set(rows.filter((row) => store.erasureListed && row.userId !== "").map((row) => row.trace));
  return collapse(rows).map((row) => (named.has(row.trace) ? erasedRow(row) : row));
}

/** The same where only the store knows what was accepted. */
export function unmarkedRows(store: Store): StoredRow[] {
  return [...store.spans.values()].map((row) => ({
    ...row,
    version: row.version & ~(3n << 22n),
    cost: bearsUsage(row) ? costAt(row.outputTokens, store.activePrice) : 0n,
  }));
}

/** Where slices, hours and summaries differ from what these rows, and nothing else, come to. */
export function violationsOf(store: Store, fresh: readonly StoredRow[]): string[] {
  const violations: string[] = [];
  const expect = (what: string, stored: string | undefined, fresh: string) => {
    if (stored !== fresh) violations.push(`${what} is ${stored}, expected ${fresh}`);
  };
  const traces = groupBy(fresh, (row) => row.trace);
  const marked = [...traces].map(([trace, rows]) => ({ trace, rows: markTrace(rows).rows as StoredRow[] }));
  const all = marked.flatMap(({ rows }) => rows);

  for (const row of store.erasureListed ? fresh : []) {
    const stored = store.spans.get(rowKey(row));
    expect(`erased bit of ${rowKey(row)}`, stored && String(isErased(stored.version)), String(isErased(row.version)));
  }
  // What a dead writer's mark brought back under an old price is in no total, for it is marked.
  for (const row of store.spans.values()) {
    if (unpackVersion(row.version).price >= store.restampedPrice || isVoid(row.version) || isAggregate(row.version))
      continue;
    violations.push(`${rowKey(row)} counts under a price that was restamped`);
  }
  for (const [key, rows] of groupBy(all, sliceKey)) {
    const slice = store.sliceOf(key);
    expect(`slice ${key}`, slice && spendText(slice.value), spendText(spendOf(rows)));
  }
  for (const [key, rows] of groupBy(all, (row) => hourKey(sliceKey(row)))) {
    const shown = store.hours.get(key) ?? store.foldOf(key);
    expect(`hour ${key}`, spendText(shown.value), spendText(spendOf(rows)));
  }
  for (const { trace, rows } of marked) {
    const last = Math.max(...rows.map((row) => row.bucket));
    const live = [...store.summaries].filter(([key, { value }]) => key.startsWith(`${trace} `) && value !== null);
    expect(`live summaries of ${trace}`, live.map(([key]) => key).join(), `${trace} ${last}`);
    for (const [key, { value }] of live) expect(`summary ${key}`, value ?? undefined, summaryText(trace, rows));
  }
  return violations;
}

function spendText(spend: Spend): string {
  return [...spend]
    .map(([dimension, cost]) => `${dimension}:${cost}`)
    .sort()
    .join(" ");
}

function groupBy(rows: readonly StoredRow[], key: (row: StoredRow) => string): Map<string, StoredRow[]> {
  const groups = new Map<string, StoredRow[]>();
  for (const row of rows) groups.set(key(row), [...(groups.get(key(row)) ?? []), row]);
  return groups;
}
