import { childrenOf, endOf, type SpanTable } from "./span-table.ts";

/** What is seen between the children of a span: calls that repeat, and time that nothing accounts for. */
export interface SiblingMarks {
  /** How many siblings in a row, from this one on, are the same call; 0 where it begins no run. */
  readonly run: Int32Array;
  /** The index after the last span of the run that begins here. */
  readonly runEnd: Int32Array;
  /** µs without a span before this one, where a call was before it and a call is here; 0: none. */
  readonly gapBefore: Float64Array;
}

const leastRun = 3;
/** A pause between two model calls shorter than this is the program's own work. */
const leastGapUs = 50_000;
const leastGapShare = 0.02;

/**
 * A model that asks for a tool is called again with its result. Where no span lies between two calls but time does, the
 * tool was most likely not traced: that is shown, not passed over.
 */
export function markSiblings(table: SpanTable, extentUs: number, now: number): SiblingMarks {
  const run = new Int32Array(table.size);
  const runEnd = new Int32Array(table.size);
  const gapBefore = new Float64Array(table.size);
  const leastGap = Math.max(leastGapUs, extentUs * leastGapShare);

  for (let parent = -1; parent < table.size; parent++) {
    if (parent >= 0 && table.descendants[parent] === 0) continue;
    let head = -1;
    let length = 0;
    let previous = -1;
    let covered = Number.NEGATIVE_INFINITY;
    const close = (end: number) => {
      if (length < leastRun) return;
      run[head] = length;
      runEnd[head] = end;
    };
    let after = parent + 1;
    for (const child of childrenOf(table, parent)) {
      if (previous >= 0 && isSameCall(table, previous, child)) length++;
      else {
        close(child);
        head = child;
        length = 1;
      }
      const pause = table.start[child]! - covered;
      if (previous >= 0 && pause >= leastGap && isModel(table, previous) && isModel(table, child)) {
        gapBefore[child] = pause;
      }
      covered = Math.max(covered, endOf(table, child, now));
      previous = child;
      after = Math.min(table.size, child + table.descendants[child]! + 1);
    }
    close(after);
  }
  return { run, runEnd, gapBefore };
}

function isModel(table: SpanTable, index: number): boolean {
  return table.node(index).role === "model";
}

function isSameCall(table: SpanTable, a: number, b: number): boolean {
  const one = table.node(a);
  const other = table.node(b);
  return one.name === other.name && one.role === other.role && one.tool_name === other.tool_name;
}
