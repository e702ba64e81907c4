import type { AlertSignal } from "@spanhouse/schemas/api/alerts";
import type { Dimension } from "@spanhouse/schemas/api/metrics";
import { readSliceCover, type SliceGrain, type Stretch } from "../slices/slice-cover.ts";
import { sliceSource } from "../slices/slice-source.ts";
import { readDeliveryAccounts } from "./delivery-accounts.ts";
import {
  hasWindows,
  isSum,
  type MetricWindow,
  readMetricWindows,
  type WindowMeasure,
  type WindowsQuestion,
} from "./metric-windows.ts";
import type { ProjectReader } from "./project-reader.ts";

/** Signals that no measure says, by what they may be grouped by. None of them can be filtered. */
const own: Readonly<Record<Exclude<AlertSignal, WindowMeasure>, readonly Dimension[]>> = {
  tool_loops: ["environment", "service", "tool_name"],
  new_models: ["provider", "request_model", "response_model"],
  lost_spans: ["service"],
};
type OwnSignal = keyof typeof own;

export function isMeasure(signal: AlertSignal): signal is WindowMeasure {
  return !(signal in own);
}

/** Whether two windows that adjoin sum to the one over both, and a window without anything has 0. */
export function isSummed(signal: AlertSignal): boolean {
  return !isMeasure(signal) || isSum(signal);
}

/** Why these can't be asked for together; undefined: they can. */
export function windowsProblem({
  signal,
  groupBy,
  filters,
}: Pick<WindowsQuestion<AlertSignal>, "signal" | "groupBy" | "filters">): string | undefined {
  if (isMeasure(signal)) {
    if (hasWindows({ signal, groupBy, filters })) return undefined;
    const named = [...new Set([...groupBy, ...filters.keys()])];
    const fitting = named.filter((one) => hasWindows({ signal, groupBy: [one], filters: new Map() }));
    return `${signal} is not kept by ${named.join(", ")} together; alone by ${fitting.join(", ") || "none of them"}`;
  }
  if (filters.size > 0) return `${signal} cannot be filtered`;
  const other = groupBy.find((dimension) => !own[signal].includes(dimension));
  return other && `${signal} can be grouped by ${own[signal].join(", ")}; not by ${other}`;
}

/** As `readMetricWindows`, of any signal of a rule. Throws nothing where `windowsProblem` has none. */
export async function readSignalWindows(
  reader: ProjectReader,
  question: WindowsQuestion<AlertSignal>,
): Promise<readonly MetricWindow[]> {
  const { signal, first, last, step, window, groupBy } = question;
  if (isMeasure(signal)) return readMetricWindows(reader, { ...question, signal });
  const found: MetricWindow[] = [];
  for (let end = first; end <= last; end += step) {
    const counted = await counters[signal](reader, end - window, end, groupBy);
    for (const [key, value] of counted) found.push({ end, key, value, calls: null });
  }
  return found;
}

type Counted = readonly (readonly [key: readonly string[], value: number])[];
type Counter = (reader: ProjectReader, from: number, to: number, groupBy: readonly Dimension[]) => Promise<Counted>;

/** A trace that calls one tool so often goes round. */
const loopCalls = 10;
const newAfterDays = 30;
/** Spans that have not come after so long are lost, and not under way, s. */
const lostAfter = 120;

const counters: Readonly<Record<OwnSignal, Counter>> = {
  async tool_loops(reader, from, to, groupBy) {
    const keys = groupBy.map((dimension) => `toString(${dimension})`);
    const rows = await reader.queryRows<readonly (string | number)[]>(
      `SELECT ${[...keys, "uniqExact(trace_id) AS traces"].join(", ")} FROM
       (
         SELECT environment, service, tool_name, trace_id FROM spans FINAL
         WHERE project = {project:String} AND bucket >= toDateTime({from:UInt32}, 'UTC') AND bucket < toDateTime({to:UInt32}, 'UTC')
           AND role = 'tool' AND NOT void
         GROUP BY environment, service, tool_name, trace_id HAVING count() >= ${loopCalls}
       ) ${keys.length === 0 ? "" : `GROUP BY ${keys.join(", ")}`}`,
      { from, to },
    );
    return rows.map((row) => [row.slice(0, -1).map(String), Number(row.at(-1))]);
  },

  async new_models(reader, from, to, groupBy) {
    const columns = ["provider", "request_model", "response_model"];
    const models = async (stretch: Stretch, grain: SliceGrain) => {
      const cover = await readSliceCover(reader, "spend", stretch, grain);
      return reader.queryRows<readonly string[]>(
        `SELECT DISTINCT ${columns.map((one) => `toString(s.${one}) AS ${one}`).join(", ")}
         FROM ${sliceSource("spend", [...columns, "calls"], cover)} AS s WHERE s.response_model != '' AND s.calls > 0`,
      );
    };
    const seen = await models({ from, to }, "minute");
    if (seen.length === 0) return [];
    const before = await models({ from: Math.max(0, from - newAfterDays * 86_400), to: from }, "day");
    const known = new Set(before.map((row) => JSON.stringify(row)));
    // Of a project without a past everything would be new.
    if (known.size === 0) return [];
    const keys = seen
      .filter((row) => !known.has(JSON.stringify(row)))
      .map((row) => JSON.stringify(groupBy.map((dimension) => row[columns.indexOf(dimension)])));
    return [...new Set(keys)].map((key) => [JSON.parse(key) as string[], keys.filter((other) => other === key).length]);
  },

  async lost_spans(reader, from, to, groupBy) {
    const accounts = await readDeliveryAccounts(reader, from - lostAfter, to - lostAfter, lostAfter, 10_000);
    const lost = new Map<string, number>();
    for (const account of accounts) {
      const key = groupBy.length === 0 ? [] : [account.services[0] ?? ""];
      if (account.lost > 0) lost.set(JSON.stringify(key), (lost.get(JSON.stringify(key)) ?? 0) + account.lost);
    }
    return [...lost].map(([key, count]) => [JSON.parse(key) as string[], count]);
  },
};
