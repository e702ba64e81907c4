import type { ClickHouse } from "../clickhouse.ts";
import { mutate } from "../mutation.ts";
import { stringLiteral } from "../sql-literal.ts";
import type { ErasedUser } from "./erasures.ts";

/** Physical rows that still say something of an erased person, superseded ones included, and how they are rid of it. */
export interface Remains {
  readonly table: string;
  readonly where: string;
  readonly change: "DELETE" | `UPDATE ${string}`;
}

export interface ErasedPerson extends ErasedUser {
  /** Empty: no row says it any more, and the traces that were found are blanked. */
  readonly userId: string;
  /** Of the project, Unix seconds. */
  readonly frozenUntil: number;
}

/** Statements are of one project and a few texts; ClickHouse keeps them in its log of mutations, and forgets that. */
function remainsOf(
  { project, userHash, userId, frozenUntil }: ErasedPerson,
  conversations: readonly string[],
): Remains[] {
  const own = `project = ${stringLiteral(project)}`;
  const user = stringLiteral(userId);
  const traces = `trace_id IN (SELECT trace_id FROM erased_traces WHERE ${own} AND user_hash = unhex('${userHash}'))`;
  const theirs = `${own} AND (${traces} OR (user_id != '' AND user_id = ${user}))`;
  // A blanked row, which has the greatest version, is what FINAL shows: what it superseded may go.
  const superseded = `${own} AND ${traces} AND NOT bitTest(version, 63)`;
  const blank = "UPDATE user_id = '', conversation_id = ''";
  // What is frozen is not added up anew: there an entry that names nobody, of a conversation of theirs, is blanked too. It
  // is of a span that did not say whose it was.
  const theirConversation = `u = '' AND c != '' AND c IN (${["''", ...conversations.map(stringLiteral)].join(", ")})`;
  const frozen = `bucket > 0 AND bucket < ${frozenUntil}`;
  const entry = `((u != '' AND u = ${user}) OR (${theirConversation} AND ${frozen}))`;
  const usage = `${own} AND kind = 'usage' AND arrayExists((u, c) -> ${entry}, user_id, conversation_id)`;
  const blankEntries = `UPDATE user_id = arrayMap((u, c) -> if(${entry}, '', u), user_id, conversation_id),
    conversation_id = arrayMap((u, c) -> if(${entry}, '', c), user_id, conversation_id)` as const;
  return [
    { table: "spans", where: superseded, change: "DELETE" },
    { table: "span_payloads", where: superseded, change: "DELETE" },
    {
      table: "traces",
      where: `${theirs} AND (user_id != '' OR conversation_id != '' OR message != '' OR notEmpty(tags))`,
      change: `${blank}, message = '', tags = []`,
    },
    { table: "open_spans", where: `${theirs} AND (user_id != '' OR conversation_id != '')`, change: blank },
    {
      table: "scores",
      where: `${theirs} AND (user_id != '' OR comment != '')`,
      change: "UPDATE user_id = '', comment = ''",
    },
    // Numbers stay: no entry goes, and none is added up anew. What is frozen, too, no longer says whose it was.
    ...["rollup_minute", "rollup_hour", "rollup_day"].map((table) => ({ table, where: usage, change: blankEntries })),
  ];
}

/** Makes every physical row say nothing of the person. The rows that count must be blanked before. Tells how many there were. */
export async function purge(
  clickhouse: ClickHouse,
  person: ErasedPerson,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const purged = new Map<string, number>();
  const { conversations, remains } = await remainsNow(clickhouse, person);
  for (const { table, where, change } of remainsOf(person, conversations)) {
    const rows = remains.get(table) ?? 0;
    if (rows === 0 || (change === "DELETE" && (await anyShown(clickhouse, table, where)))) continue;
    await mutate(clickhouse, table, `${change} WHERE ${where}`, signal);
    purged.set(table, rows);
  }
  return purged;
}

/** A row that is shown is superseded by none: somebody stored it meanwhile, and the next round blanks it. */
async function anyShown(clickhouse: ClickHouse, table: string, where: string): Promise<boolean> {
  const rows = await clickhouse.queryRows(`SELECT 1 FROM ${table} FINAL WHERE ${where} LIMIT 1`);
  return rows.length > 0;
}

/** The scan: by table, how many physical rows still say something of the person. */
export async function scan(clickhouse: ClickHouse, person: ErasedPerson): Promise<ReadonlyMap<string, number>> {
  const { remains } = await remainsNow(clickhouse, person);
  const { project, userId } = person;
  const [named] = await clickhouse.queryRows<[string]>(
    "SELECT count() FROM spans WHERE project = {project:String} AND user_id != '' AND user_id = {userId:String}",
    { project, userId },
  );
  return new Map([...remains, ["spans", Math.max(remains.get("spans")!, Number(named![0]))]]);
}

async function remainsNow(clickhouse: ClickHouse, person: ErasedPerson) {
  const conversations = await conversationsOf(clickhouse, person);
  const remains = new Map<string, number>();
  for (const { table, where } of remainsOf(person, conversations)) {
    const [row] = await clickhouse.queryRows<[string]>(`SELECT count() FROM ${table} WHERE ${where}`);
    remains.set(table, Number(row![0]));
  }
  return { conversations, remains };
}

/** Those that slices name together with the person. */
async function conversationsOf(clickhouse: ClickHouse, { project, userId }: ErasedPerson): Promise<string[]> {
  const rows = await clickhouse.queryRows<[string]>(
    ["rollup_minute", "rollup_hour", "rollup_day"]
      .map(
        (table) => `SELECT DISTINCT c FROM ${table} ARRAY JOIN user_id AS u, conversation_id AS c
          WHERE project = {project:String} AND kind = 'usage' AND u != '' AND u = {userId:String} AND c != ''`,
      )
      .join(" UNION DISTINCT "),
    { project, userId },
  );
  return rows.map(([conversation]) => conversation);
}

/** Payloads of other traces in whose texts the id stands: for a person to look at, since an id may be any word. */
export async function mentions(
  clickhouse: ClickHouse,
  { project, userId }: Omit<ErasedPerson, "frozenUntil">,
): Promise<number> {
  const texts = ["request", "response", "tool_arguments", "tool_result", "documents", "events", "status_message"];
  const holds = texts.map((column) => `position(${column}, {userId:String}) > 0`).join(" OR ");
  const [row] = await clickhouse.queryRows<[string]>(
    `SELECT count() FROM span_payloads WHERE project = {project:String} AND
       (${holds} OR arrayExists(value -> position(value, {userId:String}) > 0, mapValues(attributes)))`,
    { project, userId },
  );
  return Number(row![0]);
}
