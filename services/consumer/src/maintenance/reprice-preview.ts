import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { createProjects } from "@spanhouse/store/projects";
import type { CheckedRange } from "@spanhouse/store/slices/slice-check";
import { type ValuedRow, valuedRows } from "@spanhouse/store/spans/valued-rows";
import { mappedFields } from "../derive/ownership-rules.ts";
import type { Valuation, ValuedCall } from "../derive/valuate.ts";

/** What restamping would change of one project, UTC day and model; pico-dollars, of calls that count. */
export interface PreviewedChange {
  readonly project: string;
  /** 2026-10-31; 1970-01-01 are calls whose end is impossible. */
  readonly day: string;
  readonly provider: string;
  /** As answered, or as asked for where the answer names none. */
  readonly model: string;
  readonly calls: number;
  /** Whose cost, estimate or price state would be another. */
  readonly repricedCalls: number;
  /** Whose team, cost centre, feature, prompt or release would be another. */
  readonly reassignedCalls: number;
  readonly cost: bigint;
  readonly newCost: bigint;
  readonly estimatedCost: bigint;
  readonly newEstimatedCost: bigint;
}

export interface PreviewOptions {
  readonly clickhouse: ClickHouse;
  readonly valuate: (call: ValuedCall) => Valuation;
  readonly range: CheckedRange;
  /** Only calls that were answered by, or else asked for, this model. */
  readonly model: string | undefined;
  readonly signal: AbortSignal;
}

/** What a re-pricing would change now, where it would change something. Reads only. */
export async function previewReprice(options: PreviewOptions): Promise<readonly PreviewedChange[]> {
  const { clickhouse, valuate, range, model, signal } = options;
  const frozen = await createProjects(clickhouse).frozenTimes();
  const groups = new Map<string, Writable<PreviewedChange>>();
  for await (const rows of valuedRows(clickhouse, { ...range, frozen })) {
    signal.throwIfAborted();
    for (const row of rows) {
      const answered = row.responseModel || row.requestModel;
      if (row.void || row.aggregate || row.usageState === "none" || (model !== undefined && answered !== model))
        continue;
      const day = new Date(row.bucket * 60_000).toISOString().slice(0, 10);
      const key = [row.project, day, row.provider, answered].join("\0");
      const group = groups.get(key) ?? {
        ...nothing,
        project: row.project,
        day,
        provider: row.provider,
        model: answered,
      };
      groups.set(key, group);
      add(group, row, valuate(row));
    }
  }
  return [...groups]
    .filter(([, { repricedCalls, reassignedCalls }]) => repricedCalls + reassignedCalls > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, change]) => change);
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

const nothing = {
  ...{ calls: 0, repricedCalls: 0, reassignedCalls: 0 },
  ...{ cost: 0n, newCost: 0n, estimatedCost: 0n, newEstimatedCost: 0n },
};

function add(group: Writable<PreviewedChange>, row: ValuedRow, value: Valuation): void {
  const { price } = value;
  group.calls++;
  group.cost += row.price.cost;
  group.newCost += price.cost;
  group.estimatedCost += row.price.estimatedCost;
  group.newEstimatedCost += price.estimatedCost;
  const { state, cost, estimatedCost } = row.price;
  if (state !== price.state || cost !== price.cost || estimatedCost !== price.estimatedCost) group.repricedCalls++;
  if (mappedFields.some((field) => value[field] !== row[field])) group.reassignedCalls++;
}
