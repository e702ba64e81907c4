import type { GroupKind, groupSorts, traceGroupSchema } from "@spanhouse/schemas/api/groups";
import type { z } from "zod";
import type { ProjectReader } from "./project-reader.ts";
import { traceSource } from "./trace-counts.ts";
import { facetColumns } from "./trace-filters.ts";
import type { TraceQuestion } from "./trace-listing.ts";

export type TraceGroup = z.infer<typeof traceGroupSchema>;

/** What a group is ranked by, decimal, and its id. Both fall. */
export interface GroupPlace {
  readonly value: string;
  readonly id: string;
}

export interface GroupsQuestion extends TraceQuestion {
  readonly kind: GroupKind;
  readonly sort: (typeof groupSorts)[number];
  readonly containing: string | undefined;
  readonly after: GroupPlace | undefined;
  readonly limit: number;
}

const ranks = {
  time: { sql: "toUnixTimestamp64Nano(last_time)", type: "Int64" },
  cost: { sql: "cost", type: "Decimal(38, 12)" },
  traces: { sql: "traces", type: "UInt64" },
} as const;

const counts = [
  ...(["traces", "calls", "errors", "refusals", "input_tokens", "output_tokens", "conversations"] as const),
] as const;

const columns = [
  ...["count() AS traces", "min(start_time) AS first_time", "max(end_time) AS last_time"],
  ...["calls", "errors", "refusals", "input_tokens", "output_tokens", "cost", "estimated_cost", "wasted_cost"].map(
    (column) => `sum(t.${column}) AS ${column}`,
  ),
  "groupUniqArrayIf(10)(user_id, user_id != '') AS users",
  "uniqExactIf(conversation_id, conversation_id != '') AS conversations",
].join(", ");

type Row = Omit<TraceGroup, (typeof counts)[number]> &
  Readonly<Record<(typeof counts)[number], string>> & { readonly rank: string };

function groupOf({ rank: _, ...row }: Row): TraceGroup {
  const numbers = Object.fromEntries(counts.map((name) => [name, Number(row[name])])) as Record<
    (typeof counts)[number],
    number
  >;
  return { ...row, ...numbers, users: row.users.toSorted() };
}

/** Groups of the traces that pass; those without an id are in none. */
export async function listGroups(
  reader: ProjectReader,
  { kind, sort, containing, after, limit, ...question }: GroupsQuestion,
): Promise<readonly { readonly group: TraceGroup; readonly place: GroupPlace }[]> {
  const { sql, params } = traceSource(question);
  const id = facetColumns[kind].column;
  const rank = ranks[sort];
  const rows = await reader.query<Row>(
    `SELECT toString(${rank.sql}) AS rank, id, * EXCEPT id FROM
     (
       SELECT ${id} AS id, ${columns} FROM (SELECT * FROM ${sql}) AS t WHERE ${id} != ''
         ${containing === undefined ? "" : `AND positionCaseInsensitiveUTF8(${id}, {containing:String}) > 0`}
       GROUP BY id
     )
     ${after === undefined ? "" : `WHERE (${rank.sql}, id) < ({after_value:${rank.type}}, {after_id:String})`}
     ORDER BY ${rank.sql} DESC, id DESC LIMIT {limit:UInt32}`,
    { ...params, containing, after_value: after?.value, after_id: after?.id, limit },
  );
  return rows.map((row) => ({ group: groupOf(row), place: { value: row.rank, id: row.id } }));
}

/** All traces of a conversation or user, whenever they were; undefined where there are none. */
export async function readGroup(reader: ProjectReader, kind: GroupKind, id: string): Promise<TraceGroup | undefined> {
  const column = facetColumns[kind].column;
  const [row] = await reader.query<Row>(
    `SELECT {id:String} AS id, '' AS rank, ${columns} FROM
     (SELECT * FROM traces FINAL WHERE project = {project:String} AND live AND ${column} = {id:String}) AS t
     HAVING traces > 0`,
    { id },
  );
  return row && groupOf(row);
}
