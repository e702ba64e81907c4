import type { ClickHouse } from "@spanhouse/store/clickhouse";
import type { Ledger, StoredTally, TraceLine } from "../ledger/ledger.ts";
import { tallies, traceColumns } from "../ledger/measures.ts";
import { storedPlaces } from "./stored-tallies.ts";
import { storedTraces } from "./stored-traces.ts";

/** One figure of the store that is not the ledger's. */
export interface Difference {
  /** Such as `spend(hour) response_model "default gpt-4o-2024-08-06" cost`. */
  readonly place: string;
  readonly expected: string;
  readonly got: string;
}

export interface Comparison {
  /** Figures that were laid side by side. */
  readonly compared: number;
  readonly differences: readonly Difference[];
}

/** Lays every stored total of the ledger's projects beside the ledger. */
export async function compare(ledger: Ledger, clickhouse: ClickHouse): Promise<Comparison> {
  const comparisons = [compareTraces(ledger.traces, await storedTraces(clickhouse, ledger.projects))];
  for (const { name, tally, dimensions, read } of storedPlaces) {
    const stored = await read(clickhouse, ledger);
    comparisons.push(
      compareTally({ name, dimensions, measures: tallies[tally].measures }, ledger.tallies[tally], stored),
    );
  }
  return {
    compared: comparisons.reduce((sum, { compared }) => sum + compared, 0),
    differences: comparisons.flatMap(({ differences }) => differences),
  };
}

interface Place {
  readonly name: string;
  readonly dimensions: readonly string[];
  readonly measures: readonly string[];
}

/** A value that one side does not have counts zero there. */
function compareTally(
  { name, dimensions, measures }: Place,
  expected: StoredTally,
  stored: ReadonlyMap<string, readonly string[]>,
): Comparison {
  const differences: Difference[] = [];
  let compared = 0;
  for (const dimension of dimensions) {
    const ofLedger = expected[dimension] ?? {};
    const values = new Set(Object.keys(ofLedger));
    for (const key of stored.keys()) if (key.startsWith(`${dimension}\t`)) values.add(key.slice(dimension.length + 1));
    for (const value of values) {
      const ofStore = stored.get(`${dimension}\t${value}`);
      measures.forEach((measure, i) => {
        const want = ofLedger[value]?.[i] ?? "0";
        const got = ofStore?.[i] ?? "0";
        compared += 1;
        if (want !== got) {
          differences.push({ place: `${name} ${dimension} ${JSON.stringify(value)} ${measure}`, expected: want, got });
        }
      });
    }
  }
  return { compared, differences };
}

function compareTraces(expected: readonly TraceLine[], stored: readonly TraceLine[]): Comparison {
  const differences: Difference[] = [];
  const byTrace = new Map<string, TraceLine[]>();
  for (const line of stored) {
    const key = `${line[0]} ${line[1]}`;
    const others = byTrace.get(key);
    if (others) others.push(line);
    else byTrace.set(key, [line]);
  }
  for (const line of expected) {
    const key = `${line[0]} ${line[1]}`;
    const found = byTrace.get(key) ?? [];
    byTrace.delete(key);
    if (found.length !== 1) {
      differences.push({ place: `traces ${key} live rows`, expected: "1", got: String(found.length) });
      continue;
    }
    traceColumns.forEach((column, i) => {
      const [want, got] = [line[i + 2]!, found[0]![i + 2]!];
      if (want !== got) differences.push({ place: `traces ${key} ${column}`, expected: want, got });
    });
  }
  for (const [key, found] of byTrace) {
    differences.push({ place: `traces ${key} live rows`, expected: "0", got: String(found.length) });
  }
  return { compared: expected.length * traceColumns.length, differences };
}
