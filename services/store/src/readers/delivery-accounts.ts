import type { deliverySchema } from "@spanhouse/schemas/api/delivery";
import type { z } from "zod";
import type { ProjectReader } from "./project-reader.ts";

export type DeliveryAccount = z.infer<typeof deliverySchema>["instances"][number];

const counts = ["received", "first_sequence", "last_sequence", "repeated", "late", "final_sequence"] as const;

type Row = Pick<DeliveryAccount, "instance" | "services" | "first_time" | "last_time"> &
  Readonly<Record<(typeof counts)[number], string>> & { readonly closed: boolean };

/**
 * By SDK instance, what came of what it numbered: spans that ended between Unix s, and the scores given then. Those
 * seen last come first.
 */
export async function readDeliveryAccounts(
  reader: ProjectReader,
  from: number,
  to: number,
  lateSeconds: number,
  limit: number,
): Promise<readonly DeliveryAccount[]> {
  const range = (column: string) =>
    `project = {project:String} AND ${column} >= toDateTime({from:UInt32}, 'UTC') AND ${column} < toDateTime({to:UInt32}, 'UTC') AND instance != '' AND sequence > 0`;
  const rows = await reader.query<Row>(
    `SELECT instance, groupUniqArrayIf(20)(service, service != '') AS services, min(at) AS first_time, max(at) AS last_time,
       uniqExact(sequence) AS received, min(sequence) AS first_sequence, max(sequence) AS last_sequence,
       count() - received AS repeated, sum(is_late) AS late, max(final) AS final_sequence, max(is_closed) AS closed
     FROM
     (
       SELECT instance, sequence, service, end_time AS at, dateDiff('second', end_time, written_at) > {late:UInt32} AS is_late
       FROM spans FINAL WHERE ${range("bucket")}
       UNION ALL
       SELECT instance, sequence, service, given_at AS at, false AS is_late FROM scores FINAL WHERE ${range("given_at")}
     ) AS seen
     LEFT JOIN
     (
       SELECT instance, max(final_sequence) AS final, true AS is_closed FROM deliveries
       WHERE project = {project:String} GROUP BY instance
     ) AS told USING instance
     GROUP BY instance ORDER BY last_time DESC, instance LIMIT {limit:UInt32}`,
    { from, to, late: lateSeconds, limit },
  );
  return rows.map(({ closed, services, ...row }) => {
    const n = Object.fromEntries(counts.map((name) => [name, Number(row[name])])) as Record<
      (typeof counts)[number],
      number
    >;
    return {
      ...{
        instance: row.instance,
        services: services.toSorted(),
        first_time: row.first_time,
        last_time: row.last_time,
      },
      sent: closed ? n.final_sequence : null,
      received: n.received,
      first_sequence: n.first_sequence,
      lost:
        n.last_sequence -
        n.first_sequence +
        1 -
        n.received +
        (closed ? Math.max(0, n.final_sequence - n.last_sequence) : 0),
      before_range: n.first_sequence - 1,
      tail_unknown: !closed,
      repeated: n.repeated,
      late: n.late,
    };
  });
}
