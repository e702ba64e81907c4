import { csvLine } from "@spanhouse/query/csv";
import { formatDollars } from "@spanhouse/schemas/money";
import type { ChargeLine } from "@spanhouse/store/chargebacks";
import { tableLines } from "../table.ts";
import { byOwner, total } from "./charge-lines.ts";
import { converted, type ExchangeRate } from "./currency.ts";
import type { Statement } from "./statement.ts";

export const statementFormats = ["table", "json", "csv"] as const;
export type StatementFormat = (typeof statementFormats)[number];

/** One part of what is printed: the closing, an adjustment, or what is not stated yet. */
interface Part extends ExchangeRate {
  readonly kind: "closing" | "adjustment" | "pending";
  /** RFC 3339. */
  readonly at: string;
  readonly by: string;
  readonly lines: readonly ChargeLine[];
}

/** A statement with everything that came after it, at `now` (RFC 3339). */
export function statementOutput(statement: Statement, format: StatementFormat, now: string): readonly string[] {
  const [closing] = statement.entries;
  const parts: Part[] = statement.entries.map(({ entry, closedAt, closedBy, currency, rate, rateDate, lines }) => ({
    ...{ kind: entry === 0 ? "closing" : "adjustment", at: closedAt, by: closedBy, currency, rate, rateDate, lines },
  }));
  const { currency, rate, rateDate } = statement.entries.at(-1)!;
  if (statement.pending.length > 0) {
    parts.push({ ...{ kind: "pending", at: now, by: "", currency, rate, rateDate }, lines: statement.pending });
  }
  const head = {
    ...{ project: closing.project, month: closing.month, time_zone: closing.timeZone },
    ...{ from: time(closing.from), to: time(closing.to) },
  };
  if (format === "json") return [JSON.stringify({ ...head, entries: parts.map(jsonOf) })];
  if (format === "csv") return csvOf(head, parts);
  return [
    `${head.project}, ${head.month} (${head.time_zone}): ${head.from} to ${head.to}`,
    ...parts.flatMap((part) => ["", ...tableOf(part)]),
  ];
}

function time(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}

function figures(line: Omit<ChargeLine, "team" | "costCentre" | "feature" | "provider" | "model">, rate: ExchangeRate) {
  return {
    ...{ calls: line.calls, unpriced_calls: line.unpricedCalls },
    ...{ input_tokens: line.inputTokens, cache_read_tokens: line.cacheReadTokens },
    ...{ cache_write_tokens: line.cacheWriteTokens, output_tokens: line.outputTokens },
    ...{ cost_usd: formatDollars(line.cost), estimated_cost_usd: formatDollars(line.estimatedCost) },
    ...{ cost: formatDollars(converted(line.cost, rate)) },
    estimated_cost: formatDollars(converted(line.estimatedCost, rate)),
  };
}

function lineFigures(line: ChargeLine, rate: ExchangeRate) {
  const { team, costCentre, feature, provider, model } = line;
  return { team, cost_centre: costCentre, feature, provider, model, ...figures(line, rate) };
}

/** What is written in the currency is the sum of what its lines are in it. */
function totals(lines: readonly ChargeLine[], rate: ExchangeRate) {
  const sum = (field: "cost" | "estimatedCost") =>
    formatDollars(lines.reduce((amount, line) => amount + converted(line[field], rate), 0n));
  return { ...figures(total(lines), rate), cost: sum("cost"), estimated_cost: sum("estimatedCost") };
}

function owners({ lines }: Part) {
  return byOwner(lines).map(({ team, costCentre }) => ({
    ...{ team, costCentre },
    lines: lines.filter((line) => line.team === team && line.costCentre === costCentre),
  }));
}

function jsonOf(part: Part) {
  const { kind, at, by, currency, rate, rateDate, lines } = part;
  return {
    ...{ kind, at, by, currency, rate, rate_date: rateDate },
    total: totals(lines, part),
    owners: owners(part).map((owner) => ({
      ...{ team: owner.team, cost_centre: owner.costCentre },
      ...totals(owner.lines, part),
    })),
    lines: lines.map((line) => lineFigures(line, part)),
  };
}

function csvOf(head: Readonly<Record<string, string>>, parts: readonly Part[]): string[] {
  const rows = parts.flatMap((part) =>
    part.lines.map((line) => ({
      ...{ ...head, kind: part.kind, at: part.at, ...lineFigures(line, part) },
      ...{ currency: part.currency, rate: part.rate, rate_date: part.rateDate },
    })),
  );
  const none = figures(total([]), { currency: "", rate: "1", rateDate: "" });
  const columns = [
    ...[...Object.keys(head), "kind", "at", "team", "cost_centre", "feature", "provider", "model"],
    ...[...Object.keys(none), "currency", "rate", "rate_date"],
  ];
  return [csvLine(columns), ...rows.map((row) => csvLine(Object.values(row)))].map((line) => line.trimEnd());
}

const titles = {
  closing: "closed",
  adjustment: "adjusted",
  pending: "other now, and not stated (close the month again)",
} as const;

function tableOf(part: Part): string[] {
  const { kind, at, by, currency, rate, rateDate, lines } = part;
  const foreign = currency !== "USD";
  const cells = (name: readonly string[], of: readonly ChargeLine[]) => {
    const sum = totals(of, part);
    const amounts = [sum.calls, sum.unpriced_calls, sum.cost_usd, sum.estimated_cost_usd];
    return [...name, ...amounts, ...(foreign ? [sum.cost, sum.estimated_cost] : [])];
  };
  const head = ["team", "cost centre", "calls", "unpriced", "cost USD", "estimated USD"];
  return [
    `${titles[kind]} ${at}${by && ` by ${by}`}${foreign ? `; 1 USD = ${rate} ${currency} on ${rateDate}` : ""}`,
    ...tableLines(foreign ? [...head, `cost ${currency}`, `estimated ${currency}`] : head, [
      ...owners(part).map(({ team, costCentre, lines: own }) => cells([team || "(none)", costCentre || "(none)"], own)),
      cells(["all", ""], lines),
    ]),
  ];
}
