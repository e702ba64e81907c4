import { rankOf, rollCode } from "@spanhouse/store/rank";
import { bearsUsage } from "@spanhouse/store/traces/trace-row";
import { contentShift, isAggregate, isErased, isVoid, unpackVersion } from "@spanhouse/store/version";
import type { Random } from "./random.ts";
import { costAt, erasedRow, laneOf, minutesPerHour, type StoredRow } from "./records.ts";
import type { Rules } from "./rules.ts";

/** A statement on its way through the server: its steps happen one at a time, whether or not its client still lives. */
export interface Operation {
  readonly name: string;
  /** INSERT SELECT: the snapshot, taken once at some moment; it says what there is to land. */
  select?: () => (() => void)[];
  /** Blocks, each visible by itself. */
  blocks: (() => void)[];
}

export function isDone(operation: Operation): boolean {
  return !operation.select && operation.blocks.length === 0;
}

/** Lets one step happen; of several blocks any may be the next. */
export function stepOf(operation: Operation, random: Random): string {
  if (operation.select) {
    operation.blocks = operation.select();
    delete operation.select;
    return "takes its snapshot";
  }
  const [block] = operation.blocks.splice(random.below(operation.blocks.length), 1);
  block!();
  return "lands a block";
}

export interface Ranked<T> {
  readonly rank: bigint;
  readonly value: T;
}

export const markBits = 3n << 22n;

/** Spend by dimension: the content of a slice. */
export type Spend = ReadonlyMap<string, bigint>;

export interface Position {
  readonly next: number;
  readonly fingerprint: string;
}

/** What ClickHouse holds; keys are joined by spaces. A replacing table keeps the greatest version, on a tie the last. */
export class Store {
  readonly spans = new Map<string, StoredRow>();
  readonly traceBuckets = new Map<string, Set<number>>();
  /** Who has written rows of a trace: a column of `trace_buckets`. */
  readonly writers = new Map<string, Set<string>>();
  readonly slices = new Map<string, Ranked<Spend>>();
  readonly hours = new Map<string, Ranked<Spend>>();
  /** `trace bucket`; null is a tombstone. */
  readonly summaries = new Map<string, Ranked<string | null>>();
  readonly checkpoints = new Map<number, Position>();
  /** Activation numbers: what flushes price with, and up to which everything was restamped. */
  activePrice = 1;
  restampedPrice = 1;
  /** The list of erasures has the person, and which traces are to be blanked. */
  erasureListed = false;
  erasureDone = false;
  readonly erasedTraces = new Set<string>();
  /** Hours that have ended by the store's clock, which never goes back. */
  readonly closedHours = new Set<number>();
  /** The server's clock, and when a statement that wrote a row began: what a restart of the embedded bus goes by. */
  clock = 0;
  readonly writtenAt = new Map<string, number>();
  /** Checkpoints say from when on rows may not be rolled up. */
  rolledFrom = 0;
  readonly rules: Rules;

  constructor(rules: Rules) {
    this.rules = rules;
  }

  /** Of each partition all rows come through at once. */
  insertRows(rows: readonly StoredRow[]): Operation {
    const began = this.clock;
    const land = (row: StoredRow) => {
      this.writtenAt.set(rowKey(row), Math.max(began, this.writtenAt.get(rowKey(row)) ?? 0));
      this.#land(row);
    };
    const partitions = new Map<number, StoredRow[]>();
    for (const row of rows) partitions.set(partitionOf(row), [...(partitions.get(partitionOf(row)) ?? []), row]);
    return { name: "insert rows", blocks: [...partitions.values()].map((together) => () => together.forEach(land)) };
  }

  /** INSERT SELECT: ORs marks onto the rows as they are then, where they still have the content that was marked. */
  raiseMarks(raised: readonly StoredRow[]): Operation {
    const select = () =>
      raised.flatMap((marked) => {
        const row = this.spans.get(rowKey(marked));
        if (!row || row.version >> contentShift !== marked.version >> contentShift) return [];
        return [() => this.#land({ ...row, version: row.version | (marked.version & markBits) })];
      });
    return { name: "raise marks", blocks: [], select };
  }

  /** ⑤: one snapshot of the rows, one row for each slice. */
  rollSlices(keys: ReadonlySet<string>): Operation {
    return { name: "roll slices", blocks: [], select: () => [...keys].flatMap((key) => this.#sliceBlocks(key)) };
  }

  foldHours(keys: ReadonlySet<string>): Operation {
    const select = () =>
      [...keys].map((key) => {
        const folded = this.foldOf(key);
        return () => replace(this.hours, key, folded);
      });
    return { name: "fold hours", blocks: [], select };
  }

  /** INSERT SELECT: the rows below a price number, priced anew; marks are copied as the snapshot has them. */
  restamp(price: number): Operation {
    const select = () =>
      this.rowsBelow(price).map((row) => {
        const version = row.version - BigInt(unpackVersion(row.version).price) + BigInt(price);
        const risen = { ...row, version, cost: costAt(bearsUsage(row) ? row.outputTokens : 0, price) };
        return () => this.#land(risen);
      });
    return { name: "restamp", blocks: [], select };
  }

  rememberErased(traces: Iterable<string>): Operation {
    const blocks = [...traces].map((trace) => () => {
      if (this.rules.erasedTraces === "remembered") this.erasedTraces.add(trace);
    });
    return { name: "remember erased traces", blocks };
  }

  /** INSERT SELECT: ORs the bit onto the rows of those traces as they are then, whatever content they have. */
  eraseRows(traces: ReadonlySet<string>): Operation {
    const select = () =>
      [...this.spans.values()]
        .filter((row) => traces.has(row.trace) && !isErased(row.version))
        .map((row) => () => this.#land(erasedRow(row)));
    return traces.size === 0 ? { name: "erase rows", blocks: [] } : { name: "erase rows", blocks: [], select };
  }

  rowsBelow(price: number): StoredRow[] {
    return [...this.spans.values()].filter((row) => unpackVersion(row.version).price < price);
  }

  rowsOf(trace: string, buckets: ReadonlySet<number>): StoredRow[] {
    return [...this.spans.values()].filter((row) => row.trace === trace && buckets.has(row.bucket));
  }

  tracesWrittenSince(time: number): Set<string> {
    const rows = [...this.spans].filter(([key]) => (this.writtenAt.get(key) ?? 0) >= time);
    return new Set(rows.map(([, row]) => row.trace));
  }

  /** An hour as its minutes say now. */
  foldOf(key: string): Ranked<Spend> {
    const [hour, lane] = key.split(" ");
    let sum = 0n;
    const spend = new Map<string, bigint>();
    for (let minute = 0; minute < minutesPerHour; minute++) {
      const slice = this.sliceOf(`${Number(hour) * minutesPerHour + minute} ${lane}`);
      if (!slice) continue;
      sum += slice.rank & ((1n << 112n) - 1n);
      for (const [dimension, cost] of slice.value) spend.set(dimension, (spend.get(dimension) ?? 0n) + cost);
    }
    return { rank: (rollCode << 112n) | sum, value: spend };
  }

  /** The slice as a reader's view shows it. */
  sliceOf(key: string): Ranked<Spend> | undefined {
    if (this.rules.slices !== "row-per-dimension") return this.slices.get(key);
    const rows = [...this.slices].filter(([rowKey]) => rowKey.startsWith(`${key} `));
    const spend = rows.flatMap(([, row]) => [...row.value]).filter(([, cost]) => cost !== 0n);
    return rows.length === 0 ? undefined : { rank: 0n, value: new Map(spend) };
  }

  #sliceBlocks(key: string): (() => void)[] {
    const rows = [...this.spans.values()].filter((row) => sliceKey(row) === key);
    const spend = spendOf(rows);
    const rank = this.rules.rank === "sum" ? rankOf(rows.map(this.#ordered)) : maximum(rows.map(this.#ordered));
    if (this.rules.slices === "additive") return [];
    if (this.rules.slices === "whole") return [() => replace(this.slices, key, { rank, value: spend })];
    const known = [...this.slices.keys()].filter((rowKey) => rowKey.startsWith(`${key} `));
    const dimensions = new Set([...spend.keys(), ...known.map((rowKey) => rowKey.slice(key.length + 1))]);
    return [...dimensions].map((dimension) => () => {
      replace(this.slices, `${key} ${dimension}`, { rank, value: new Map([[dimension, spend.get(dimension) ?? 0n]]) });
    });
  }

  #land(row: StoredRow): void {
    const other = this.spans.get(rowKey(row));
    if (!other || this.#ordered(row).version >= this.#ordered(other).version) this.spans.set(rowKey(row), row);
    if (this.rules.slices === "additive") this.#add(row);
  }

  /** A materialised view that adds what every insert brings. */
  #add(row: StoredRow): void {
    const spend = new Map(this.slices.get(sliceKey(row))?.value);
    for (const [dimension, cost] of spendOf([row])) spend.set(dimension, (spend.get(dimension) ?? 0n) + cost);
    this.slices.set(sliceKey(row), { rank: 0n, value: spend });
  }

  #ordered = (row: StoredRow): { version: bigint } => {
    if (this.rules.version === "marks-above-price") return row;
    const generation = row.version & 0x3fffffn;
    return {
      version: ((row.version >> contentShift) << contentShift) | (generation << 2n) | ((row.version & markBits) >> 22n),
    };
  };
}

/** A day of the real table. */
export function partitionOf(row: StoredRow): number {
  return Math.floor(row.bucket / minutesPerHour);
}

export function rowKey(row: StoredRow): string {
  return `${row.trace} ${row.bucket} ${row.spanId}`;
}

export function sliceKey(row: StoredRow): string {
  return `${row.bucket} ${laneOf(row.trace)}`;
}

export function hourKey(slice: string): string {
  const [bucket, lane] = slice.split(" ");
  return `${Math.floor(Number(bucket) / minutesPerHour)} ${lane}`;
}

/** The cost of what counts, by dimension: what every slice is computed by, here and in the fresh computation. */
export function spendOf(rows: readonly StoredRow[]): Map<string, bigint> {
  const spend = new Map<string, bigint>();
  for (const row of rows) {
    if (isVoid(row.version) || isAggregate(row.version) || !bearsUsage(row)) continue;
    spend.set(row.service, (spend.get(row.service) ?? 0n) + row.cost);
  }
  return spend;
}

export function replace<T>(table: Map<string, Ranked<T>>, key: string, row: Ranked<T>): void {
  const other = table.get(key);
  if (!other || row.rank >= other.rank) table.set(key, row);
}

function maximum(rows: readonly { version: bigint }[]): bigint {
  const [greatest] = rows.map((row) => row.version).sort((a, b) => (a > b ? -1 : 1));
  return greatest ?? 0n;
}
