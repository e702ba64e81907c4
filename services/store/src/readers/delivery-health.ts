import type { ProjectReader } from "./project-reader.ts";

/** How soon after their end spans are stored, seconds. */
export interface StoringDelay {
  readonly newestEnd: string;
  readonly p50: number;
  readonly p95: number;
  readonly most: number;
}

/** Of the spans that ended since Unix s; undefined where none did. A range of the key. */
export async function readStoringDelay(reader: ProjectReader, since: number): Promise<StoringDelay | undefined> {
  const [row] = await reader.queryRows<[string, string, [number, number], number]>(
    `SELECT toString(count()), max(end_time), quantiles(0.5, 0.95)(delay), max(delay) FROM
     (
       SELECT end_time, greatest(0, dateDiff('millisecond', end_time, written_at)) / 1000 AS delay FROM spans
       WHERE project = {project:String} AND bucket >= toDateTime({since:UInt32}, 'UTC')
         AND bucket <= now() + INTERVAL 1 HOUR
     )`,
    { since },
  );
  if (row === undefined || row[0] === "0") return undefined;
  const [, newestEnd, [p50, p95], most] = row;
  return { newestEnd, p50, p95, most };
}

/** Letters that wait in the table; undefined where spans come through Kafka, whose letters are in a topic. */
export async function countWaitingLetters(reader: ProjectReader): Promise<number | undefined> {
  const [row] = await reader.queryRows<[string, string]>(
    `SELECT (SELECT toString(count()) FROM checkpoints WHERE cluster != 'embedded'),
       (SELECT toString(uniqExact(id)) FROM dead_letters
        WHERE project = {project:String} AND id NOT IN (SELECT id FROM settled_letters))`,
    {},
  );
  return row === undefined || row[0] !== "0" ? undefined : Number(row[1]);
}
