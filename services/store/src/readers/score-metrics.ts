import type { ScoreInterval, ScoreKind } from "@spanhouse/schemas/api/scores";
import type { ProjectReader } from "./project-reader.ts";

export interface ScoreQuestion {
  readonly name?: string | undefined;
  readonly source?: string | undefined;
  readonly interval: ScoreInterval;
  /** Unix ns, half-open. */
  readonly from: bigint;
  readonly to: bigint;
  readonly limit: number;
}

interface Figures {
  readonly count: number;
  /** Null of categories. */
  readonly average: number | null;
}

export interface ScoreFigures extends Figures {
  readonly name: string;
  readonly kind: ScoreKind;
  readonly labels: { readonly label: string; readonly count: number; readonly share: number }[];
  readonly points: (Figures & { readonly time: string })[];
}

const starts = { minute: "toStartOfMinute", hour: "toStartOfHour", day: "toStartOfDay" } as const;
const mostLabels = 100;

/** Scores by name and kind, those given most often first, over the time in which they were given. */
export async function readScoreMetrics(reader: ProjectReader, question: ScoreQuestion): Promise<ScoreFigures[]> {
  const { name, source, interval, from, to, limit } = question;
  const params = { name, source, from: String(from), to: String(to), limit };
  const where = [
    "project = {project:String}",
    "given_at >= fromUnixTimestamp64Nano({from:Int64}, 'UTC') AND given_at < fromUnixTimestamp64Nano({to:Int64}, 'UTC')",
    ...(name === undefined ? [] : ["name = {name:String}"]),
    ...(source === undefined ? [] : ["source = {source:String}"]),
  ].join(" AND ");
  const scores = `scores FINAL WHERE ${where}`;
  const figures = "toUInt32(count()) AS count, if(kind = 'category', NULL, avg(value)) AS average";

  const totals = await reader.query<Figures & { name: string; kind: ScoreKind }>(
    `SELECT name, kind, ${figures} FROM ${scores} GROUP BY name, kind ORDER BY count DESC, name, kind LIMIT {limit:UInt32}`,
    params,
  );
  const labels = await reader.query<{ name: string; kind: ScoreKind; label: string; count: number }>(
    `SELECT name, kind, label, toUInt32(count()) AS count FROM ${scores} AND kind != 'number'
     GROUP BY name, kind, label ORDER BY count DESC, label LIMIT ${mostLabels} BY name, kind`,
    params,
  );
  const points =
    interval === "none"
      ? []
      : await reader.query<Figures & { name: string; kind: ScoreKind; time: string }>(
          `SELECT name, kind, toDateTime(${starts[interval]}(given_at), 'UTC') AS time, ${figures} FROM ${scores}
           GROUP BY name, kind, time ORDER BY time`,
          params,
        );
  return totals.map((total) => {
    const own = (one: { readonly name: string; readonly kind: ScoreKind }) =>
      one.name === total.name && one.kind === total.kind;
    return {
      ...total,
      labels: labels.filter(own).map(({ label, count }) => ({ label, count, share: count / total.count })),
      points: points.filter(own).map(({ time, count, average }) => ({ time, count, average })),
    };
  });
}
