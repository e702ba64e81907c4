import type { DeadLetterBox, WaitingLetter } from "@spanhouse/bus/dead-letters";
import type { ClickHouse } from "@spanhouse/store/clickhouse";

interface LetterRow {
  readonly id: string;
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly written: number;
}

interface LetterKey {
  readonly written: number;
  readonly id: string;
}

/** Bytes of letters in memory at once are at most these many records' worth. */
const pageSize = 20;

/** The letters of `dead_letters`: where there is no Kafka. */
export function createDeadLetterTableBox(clickhouse: ClickHouse): DeadLetterBox {
  /** Oldest first; `after` is the last one of the page before. */
  const page = (after: LetterKey) =>
    clickhouse.query<LetterRow>(
      `SELECT letter.id AS id, base64Encode(key) AS key, base64Encode(value) AS value, headers,
         toUnixTimestamp(letter.written_at) AS written
       FROM (SELECT * FROM dead_letters FINAL) AS letter
       LEFT JOIN (SELECT id, written_at FROM settled_letters FINAL) AS settled ON letter.id = settled.id
       -- A letter that was never settled meets the epoch.
       WHERE letter.written_at > settled.written_at
         AND (toUnixTimestamp(letter.written_at), letter.id) > ({written:UInt32}, {id:String})
       ORDER BY written, id LIMIT {limit:UInt32}`,
      { written: after.written, id: after.id, limit: pageSize },
    );

  return {
    async *waiting(): AsyncGenerator<WaitingLetter> {
      let rows: LetterRow[];
      let after: LetterKey = { written: 0, id: "" };
      do {
        rows = await page(after);
        for (const { id, key, value, headers, written } of rows) {
          // The table cannot tell a key of no bytes from none; no record has such a key.
          const keyBytes = key === "" ? null : Buffer.from(key, "base64");
          yield { id, key: keyBytes, value: Buffer.from(value, "base64"), headers, writtenAt: written * 1000 };
          after = { written, id };
        }
      } while (rows.length === pageSize);
    },
    async settle({ id, writtenAt }, verdict) {
      await clickhouse.command(
        `INSERT INTO settled_letters (id, written_at, verdict)
         VALUES ({id:String}, {written:DateTime('UTC')}, {verdict:String})`,
        { id, written: Math.floor(writtenAt / 1000), verdict },
      );
    },
    close: async () => undefined,
  };
}
