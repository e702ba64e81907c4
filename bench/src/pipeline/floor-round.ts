import { migrate } from "@spanhouse/store/migrate";
import { payloadColumns } from "@spanhouse/store/spans/payload-rows";
import { spanColumns } from "@spanhouse/store/spans/span-columns";
import type { LocalStack } from "../measure/local-stack.ts";
import { meterOf, type Round } from "./round.ts";

export type FloorFormat = "RowBinary" | "Native";

interface Body {
  readonly table: string;
  readonly columns: readonly string[];
  readonly bytes: Uint8Array;
}

/** As many rows in an insert as a flush under full load has. */
const rowsPerInsert = 12_000;

/** The rows that a consumer stored, in no order of the table's, as bodies of inserts. */
export async function encodedRows(stack: LocalStack, database: string, format: FloorFormat): Promise<Body[]> {
  const { options, clickhouse } = stack.database(database);
  try {
    const [count] = await clickhouse.queryRows<[string]>("SELECT toString(count()) FROM spans FINAL");
    const pieces = Math.max(1, Math.ceil(Number(count![0]) / rowsPerInsert));
    const bodies: Body[] = [];
    for (let piece = 0; piece < pieces; piece++) {
      for (const [table, columns] of [["spans", spanColumns] as const, ["span_payloads", payloadColumns] as const]) {
        const query = `SELECT ${columns.join(", ")} FROM ${table} FINAL
          WHERE cityHash64(trace_id) % ${pieces} = ${piece} ORDER BY cityHash64(span_id) FORMAT ${format}`;
        bodies.push({ table, columns, bytes: await post(options, query) });
      }
    }
    return bodies;
  } finally {
    await clickhouse.close();
  }
}

/** The floor: those bodies into empty tables of the same schema, two at a time, and no other work. */
export async function insertAll(
  stack: LocalStack,
  { bodies, database, format }: { bodies: readonly Body[]; database: string; format: FloorFormat },
): Promise<Round> {
  const { options, clickhouse } = stack.database(database);
  await clickhouse.createDatabase();
  await migrate(clickhouse);
  try {
    const clickhouseCpu = meterOf(stack, clickhouse);
    const began = performance.now();
    for (let i = 0; i < bodies.length; i += 2) {
      await Promise.all(
        bodies
          .slice(i, i + 2)
          .map(({ table, columns, bytes }) =>
            post(options, `INSERT INTO ${table} (${columns.join(", ")}) FORMAT ${format}`, bytes),
          ),
      );
    }
    const seconds = (performance.now() - began) / 1000;
    return { seconds, ownCpuSeconds: 0, ownPeakBytes: 0, clickhouseCpuSeconds: await clickhouseCpu() };
  } finally {
    await clickhouse.command(`DROP DATABASE ${database}`);
    await clickhouse.close();
  }
}

const unbounded = "1000000000000";

/** Past the client, whose inserts know one format only; rows stay one block and are not looked through, as the consumer's. */
async function post(
  { url, username = "", password = "", database }: Parameters<typeof urlOf>[0],
  query: string,
  body?: Uint8Array,
): Promise<Uint8Array> {
  const response = await fetch(urlOf({ url, database }, body ? query : undefined), {
    method: "POST",
    headers: { "X-ClickHouse-User": username, "X-ClickHouse-Key": password },
    body: body ? (body as Uint8Array<ArrayBuffer>) : query,
  });
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (!response.ok) throw new Error(new TextDecoder().decode(bytes.subarray(0, 1000)));
  return bytes;
}

function urlOf(
  { url, database }: { url: string; username?: string; password?: string; database: string },
  query: string | undefined,
): URL {
  const address = new URL(url);
  const settings = {
    ...{ database, async_insert: "0", optimize_on_insert: "0" },
    ...{
      max_insert_block_size: unbounded,
      min_insert_block_size_rows: unbounded,
      min_insert_block_size_bytes: unbounded,
    },
    ...(query !== undefined && { query }),
  };
  for (const [name, value] of Object.entries(settings)) address.searchParams.set(name, value);
  return address;
}
