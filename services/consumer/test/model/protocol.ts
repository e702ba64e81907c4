import { tombstoneRank } from "@spanhouse/store/rank";
import { contentShift, isErased, isVoid } from "@spanhouse/store/version";
import { markTrace } from "../../src/assemble/marks.ts";
import { summarise } from "../../src/assemble/summary.ts";
import { derive, erasedRow, type SentRecord, type StoredRow } from "./records.ts";
import {
  hourKey,
  markBits,
  type Operation,
  type Position,
  partitionOf,
  replace,
  rowKey,
  type Store,
  sliceKey,
} from "./store.ts";

/**
 * The protocol of docs/exactness.md, line by line. Each `yield` is a place where others run and where a kill may strike;
 * yielding an operation waits until the server has acknowledged it. An operation runs from the moment it is started.
 */
export type Steps = Generator<Operation | undefined, void>;

export interface Connection {
  readonly store: Store;
  start(operation: Operation): Operation;
}

/** What one process holds in memory: gone when it dies. */
export interface Consumer {
  /** What it writes itself down as in `trace_buckets`. */
  writer: string;
  /** Traces that it knows whole, with their marks. */
  live: Map<string, readonly StoredRow[]>;
  /** Traces that it once knew and let go. */
  letGo: Set<string>;
  generation: number;
  dirty: Set<string>;
  /** How far the dirty set covers each partition. */
  covered: Map<number, Position>;
  /** When the flush began that is not in the dirty set yet. */
  flushBegan: number | undefined;
}

export interface Batch {
  readonly records: readonly SentRecord[];
  readonly generation: number;
  readonly partition: number;
  readonly position: Position;
}

export type Commit = (generation: number, covered: ReadonlyMap<number, Position>) => void;

export function* flush(connection: Connection, consumer: Consumer, batch: Batch): Steps {
  const { store } = connection;
  const traces = new Set(batch.records.map((record) => record.trace));
  const before = new Map(store.spans);
  consumer.flushBegan = store.clock;
  for (;;) {
    const price = store.activePrice;
    const listed = store.erasureListed;
    yield;
    const derived = batch.records.flatMap((record) => derive(record, price));
    if (listed) yield connection.start(store.rememberErased(tracesNaming(derived)));
    // Where traces are not remembered, only the spans of this batch tell.
    const erased = new Set([...traces].filter((trace) => store.erasedTraces.has(trace)));
    if (listed && store.rules.erasedTraces === "forgotten")
      for (const trace of tracesNaming(derived)) erased.add(trace);
    yield;
    const blanked = collapse(derived).map((row) => (erased.has(row.trace) ? erasedRow(row) : row));
    const rows = marked(store, consumer, blanked);
    const { writer } = consumer;
    yield connection.start(insertBuckets(store, rows, writer));
    // A blanked row wins over any content: what is stored of those traces must be blanked before.
    if (store.rules.erasedBefore === "stored-rows") yield connection.start(store.eraseRows(erased));
    const foreignBefore = new Set([...traces].filter((trace) => isForeign(store, trace, writer)));
    const inserted = connection.start(store.insertRows(rows)); // ①
    if (store.rules.readBack === "at-once") {
      yield* touch(connection, consumer, traces, { known: rows, before });
      yield inserted;
      break;
    }
    yield inserted;
    const known =
      store.rules.erasure === "asked-once" ||
      (store.erasureListed === listed && [...traces].every((t) => erased.has(t) || !store.erasedTraces.has(t)));
    if (known && (store.activePrice === price || store.rules.price === "read-once")) {
      const read = new Set<string>();
      for (const trace of traces) {
        const foreign =
          store.rules.memory === "asked-before" ? foreignBefore.has(trace) : isForeign(store, trace, writer); // ②
        yield;
        const whole = consumer.live.get(trace) ?? (consumer.letGo.has(trace) ? undefined : []);
        if ((foreign && store.rules.memory !== "any-known") || !whole) read.add(trace);
        else {
          const all = collapse([...whole, ...rows.filter((row) => row.trace === trace)]);
          yield* touchRows(connection, consumer, trace, all, { known: [], before, remember: consumer });
        }
      }
      yield* touch(connection, consumer, read, { known: [], before, remember: consumer });
      break;
    }
  }
  consumer.flushBegan = undefined;
  if (consumer.generation === batch.generation) consumer.covered.set(batch.partition, batch.position);
}

/**
 * The rows with the marks that follow from what will be there with them: rows of the trace that are acknowledged, and those
 * of the same insert and partition, which come through together or not at all.
 */
function marked({ rules }: Store, consumer: Consumer, rows: readonly StoredRow[]): StoredRow[] {
  const comeTogether = (one: StoredRow, other: StoredRow) =>
    rules.knownMarks === "whole-flush" || partitionOf(one) === partitionOf(other);
  return rows.map((row) => {
    const together = rows.filter((other) => other.trace === row.trace && comeTogether(other, row));
    const known = consumer.live.get(row.trace) ?? [];
    const same = markTrace(collapse([...known, ...together])).rows.find(
      (one) => rowKey(one as StoredRow) === rowKey(row) && one.version >> contentShift === row.version >> contentShift,
    );
    return same ? { ...row, version: row.version | (same.version & markBits) } : row;
  });
}

interface Touch {
  /** Rows that are taken as read beside those that the store shows. */
  readonly known: readonly StoredRow[];
  readonly before: ReadonlyMap<string, StoredRow>;
  readonly insertMarks?: boolean;
  /** Where the trace is kept when it is known whole. */
  readonly remember?: Consumer;
}

/** ② read back, ③ mark and summarise, ④ dirty. */
function* touch(
  connection: Connection,
  memory: { dirty: Set<string> },
  traces: Iterable<string>,
  options: Touch,
): Steps {
  const { store } = connection;
  for (const trace of traces) {
    const buckets = new Set(store.traceBuckets.get(trace)); // ②
    yield;
    const rows = collapse([...store.rowsOf(trace, buckets), ...options.known.filter((row) => row.trace === trace)]);
    yield;
    yield* touchRows(connection, memory, trace, rows, options);
  }
}

function* touchRows(
  connection: Connection,
  memory: { dirty: Set<string> },
  trace: string,
  found: readonly StoredRow[],
  options: Touch,
): Steps {
  const { store } = connection;
  const mixed = found.some((row) => isErased(row.version)) && found.some((row) => !isErased(row.version));
  const blanks = mixed && store.rules.erasedTrace === "whole";
  if (blanks) yield connection.start(store.eraseRows(new Set([trace])));
  const rows = blanks ? found.map(erasedRow) : found;
  const marked =
    store.rules.repricerMarks === "not" && options.insertMarks === false ? { rows, raised: [] } : markTrace(rows); // ③
  const raised = options.insertMarks === false ? [] : (marked.raised as StoredRow[]);
  const marking = connection.start(store.raiseMarks(raised));
  yield connection.start(insertSummary(store, trace, marked.rows as StoredRow[]));
  yield marking;
  // ④
  for (const row of rows) {
    const old = options.before.get(rowKey(row));
    const rose = old?.version !== row.version || raised.some((one) => sliceKey(one) === sliceKey(row));
    if (store.rules.dirty === "touched" || rose) memory.dirty.add(sliceKey(row));
  }
  options.remember?.live.set(trace, marked.rows as StoredRow[]);
}

/** Somebody else has written rows of the trace. */
function isForeign(store: Store, trace: string, writer: string): boolean {
  return [...(store.writers.get(trace) ?? [])].some((other) => other !== writer);
}

/** Memory is bounded: a process lets traces go. When too many of them are to be remembered, it becomes another writer. */
export function letGo(store: Store, consumer: Consumer, becomes: string | undefined): void {
  for (const trace of consumer.live.keys()) if (store.rules.letGo === "read") consumer.letGo.add(trace);
  consumer.live.clear();
  if (becomes === undefined) return;
  consumer.writer = becomes;
  consumer.letGo.clear();
}

/** ⑤ replace the dirty slices, fold closed hours; ⑥ write how far that is, then commit it. */
export function* roll(connection: Connection, consumer: Consumer, commit: Commit): Steps {
  const { store } = connection;
  const taken = { ...consumer, rolledFrom: consumer.flushBegan ?? store.clock };
  consumer.dirty = new Set();
  consumer.covered = new Map();
  yield;
  if (store.rules.checkpoint === "before-roll") yield* checkpoint(connection, taken, commit);
  yield* rollSlices(connection, taken.dirty);
  if (store.rules.checkpoint === "after-roll") yield* checkpoint(connection, taken, commit); // ⑥
}

function* rollSlices(connection: Connection, dirty: ReadonlySet<string>): Steps {
  const { store } = connection;
  const closedBefore = new Set(store.closedHours);
  yield connection.start(store.rollSlices(dirty)); // ⑤
  const closed = store.rules.closed === "asked-after" ? new Set(store.closedHours) : closedBefore;
  yield;
  yield* foldHours(connection, new Set([...dirty].map(hourKey).filter((key) => closed.has(Number(key.split(" ")[0])))));
}

/** Any process may fold a closed hour at any time. */
export function* foldHours(connection: Connection, keys: ReadonlySet<string>): Steps {
  if (connection.store.rules.slices === "whole") yield connection.start(connection.store.foldHours(keys));
}

interface Taken {
  readonly generation: number;
  readonly covered: ReadonlyMap<number, Position>;
  readonly rolledFrom: number;
}

function* checkpoint({ store, start }: Connection, { generation, covered, rolledFrom }: Taken, commit: Commit): Steps {
  const from = store.rules.rolledFrom === "checkpoint" ? store.clock : rolledFrom;
  const blocks = [...covered].map(([partition, position]) => () => {
    store.checkpoints.set(partition, position);
    store.rolledFrom = Math.max(from, store.rolledFrom);
  });
  yield start({ name: "checkpoint", blocks });
  commit(generation, covered);
  yield;
}

/**
 * A restart over the embedded bus, which delivers nothing again: what was stored is found in the store. Rows below the
 * active price, left by a flush that died before it asked again, open the re-pricing again.
 */
export function* recover(connection: Connection): Steps {
  const { store } = connection;
  const traces = store.tracesWrittenSince(store.rolledFrom);
  yield;
  if (store.rowsBelow(store.activePrice).length > 0) store.restampedPrice = store.activePrice - 1;
  const recovered = { dirty: new Set<string>() };
  if (store.rules.recovery === "assemble") {
    yield* touch(connection, recovered, traces, { known: [], before: new Map() });
  } else {
    for (const row of store.spans.values()) if (traces.has(row.trace)) recovered.dirty.add(sliceKey(row));
  }
  yield* rollSlices(connection, recovered.dirty);
}

/** Activates the next price number, then restamps and recomputes everything; begun again whenever it is unfinished. */
export function* reprice(connection: Connection): Steps {
  const { store } = connection;
  if (store.activePrice === store.restampedPrice) store.activePrice++;
  const price = store.activePrice;
  const restamped = new Set<string>();
  yield;
  for (let below = store.rowsBelow(price); below.length > 0; below = store.rowsBelow(price)) {
    for (const row of below) restamped.add(row.trace);
    if (store.rules.repricer === "announced") yield connection.start(insertBuckets(store, below, "re-pricer"));
    yield connection.start(store.restamp(price));
  }
  yield;
  const recomputed = { dirty: new Set<string>() };
  const traces = store.rules.repriced === "range" ? [...store.traceBuckets.keys()] : restamped;
  // It need not insert marks: they stand above the price, so that no restamp of an unmarked row wins against them.
  yield* touch(connection, recomputed, traces, { known: [], before: new Map(), insertMarks: false });
  yield* rollSlices(connection, recomputed.dirty);
  store.restampedPrice = price;
}

/** Erases the person: begun again whenever it is unfinished. */
export function* erase(connection: Connection): Steps {
  const { store } = connection;
  store.erasureListed = true;
  yield;
  yield connection.start(store.rememberErased(tracesNaming([...store.spans.values()])));
  const traces = new Set(store.erasedTraces);
  const rows = [...store.spans.values()].filter((row) => traces.has(row.trace));
  yield connection.start(insertBuckets(store, rows, "eraser"));
  yield connection.start(store.eraseRows(traces));
  const recomputed = { dirty: new Set<string>() };
  yield* touch(connection, recomputed, traces, { known: [], before: new Map() });
  yield* rollSlices(connection, recomputed.dirty);
  store.erasureDone = true;
}

function tracesNaming(rows: readonly StoredRow[]): Set<string> {
  return new Set(rows.filter((row) => row.userId !== "").map((row) => row.trace));
}

function insertBuckets(store: Store, rows: readonly StoredRow[], writer: string): Operation {
  const blocks = rows.map((row) => () => {
    const buckets = store.traceBuckets.get(row.trace) ?? new Set();
    store.traceBuckets.set(row.trace, buckets.add(row.bucket));
    store.writers.set(row.trace, (store.writers.get(row.trace) ?? new Set()).add(writer));
  });
  return { name: "insert trace buckets", blocks };
}

/** The summary at the greatest bucket that has a row; a tombstone, never outranked, at every other without one. */
function insertSummary(store: Store, trace: string, rows: readonly StoredRow[]): Operation {
  const placed = store.rules.summaryAt === "all-rows" ? rows : rows.filter((row) => !isVoid(row.version));
  if (placed.length === 0) return { name: "insert summary", blocks: [] };
  const last = Math.max(...placed.map((row) => row.bucket));
  const buckets = new Set(rows.map((row) => row.bucket));
  const blocks = [...buckets].flatMap((bucket) => {
    const key = `${trace} ${bucket}`;
    if (bucket === last) {
      const summary = summarise("p", trace, rows);
      return [() => replace(store.summaries, key, { rank: summary.rank, value: summaryText(trace, rows) })];
    }
    if (store.summaries.get(key)?.value === null) return [];
    return [() => replace(store.summaries, key, { rank: tombstoneRank, value: null })];
  });
  return { name: "insert summary", blocks };
}

/** All that a summary says but its rank, which a mark on a row that is void may differ in. */
export function summaryText(trace: string, rows: readonly StoredRow[]): string {
  const { rank: _, ...said } = summarise("p", trace, rows);
  return JSON.stringify(said, (_, value) => (typeof value === "bigint" ? value.toString() : value));
}

/** Of several candidates of one row the greatest, before anything is written. */
export function collapse(rows: readonly StoredRow[]): StoredRow[] {
  const greatest = new Map<string, StoredRow>();
  for (const row of rows) {
    const other = greatest.get(rowKey(row));
    if (!other || row.version >= other.version) greatest.set(rowKey(row), row);
  }
  return [...greatest.values()];
}
