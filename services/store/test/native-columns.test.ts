import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  ArrayColumn,
  DictionaryColumn,
  FixedHexColumn,
  StringColumn,
  UIntColumn,
  WideColumn,
  writeBlock,
} from "../src/native-columns.ts";
import { RowBinaryWriter } from "../src/row-binary.ts";
import { type TestClickHouse, testClickHouse } from "./test-clickhouse.ts";

function createColumns() {
  return {
    id: new UIntColumn("UInt32", 4),
    u8: new UIntColumn("UInt8", 1),
    u16: new UIntColumn("UInt16", 2),
    seconds: new UIntColumn("DateTime('UTC')", 4),
    number: new WideColumn("UInt64"),
    unsigned: new WideColumn("UInt64"),
    time: new WideColumn("DateTime64(9, 'UTC')"),
    amount: new WideColumn("Decimal(18, 12)"),
    trace: new FixedHexColumn(16),
    text: new StringColumn(),
    low: new DictionaryColumn(),
    texts: new ArrayColumn(new StringColumn()),
    lows: new ArrayColumn(new DictionaryColumn()),
    labels: new ArrayColumn(new StringColumn(), new StringColumn()),
    units: new ArrayColumn(new DictionaryColumn(), new WideColumn("UInt64")),
  };
}
type Columns = ReturnType<typeof createColumns>;

const limit = 10n ** 18n - 1n;
const anyText = fc.oneof(fc.string({ unit: "binary", maxLength: 100 }), fc.constantFrom("", "chat", "gpt-4o"));
const anyRow = fc.record({
  u8: fc.nat(0xff),
  u16: fc.nat(0xffff),
  seconds: fc.nat(0xffff_ffff),
  number: fc.maxSafeNat(),
  unsigned: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  replaced: fc.option(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
  time: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  amount: fc.oneof(fc.constant(0n), fc.bigInt({ min: -limit, max: limit })),
  trace: fc.oneof(
    fc.constant(""),
    fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString("hex")),
  ),
  text: anyText,
  low: anyText,
  texts: fc.array(anyText, { maxLength: 4 }),
  labels: fc.dictionary(fc.string(), anyText, { maxKeys: 3 }),
  units: fc.dictionary(fc.constantFrom("web_searches", "images", "seconds"), fc.maxSafeNat()),
});
type Row = typeof anyRow extends fc.Arbitrary<infer T> ? T : never;

function add(c: Columns, id: number, row: Row): void {
  c.id.add(id);
  c.u8.add(row.u8);
  c.u16.add(row.u16);
  c.seconds.add(row.seconds);
  c.number.addNumber(row.number);
  c.unsigned.addUnsigned(row.unsigned);
  c.time.addSigned(row.time);
  c.amount.addDecimal(row.amount);
  c.trace.add(row.trace);
  c.text.add(row.text);
  c.low.add(row.low);
  c.texts.add(row.texts.length, (i, texts) => texts.add(row.texts[i]!));
  c.lows.add(row.texts.length, (i, texts) => texts.add(row.texts[i]!));
  for (const [column, entries] of [[c.labels, Object.entries(row.labels)] as const]) {
    column.add(entries.length, (i, keys, values) => {
      keys.add(entries[i]![0]);
      values.add(entries[i]![1]);
    });
  }
  const units = Object.entries(row.units);
  c.units.add(units.length, (i, keys, values) => {
    keys.add(units[i]![0]);
    values.addNumber(units[i]![1]);
  });
}

let store: TestClickHouse;
beforeAll(async () => {
  store = await testClickHouse({ migrated: false });
  await store.clickhouse.createDatabase();
  const declared = Object.entries(createColumns()).map(([name, { type }]) => `${name} ${type}`);
  await store.clickhouse.command(`CREATE TABLE t (batch UInt32, ${declared}) ENGINE = MergeTree ORDER BY (batch, id)`);
});
afterAll(() => store.drop());

const wellFormed = (text: string) => Buffer.from(text).toString();

/** As ClickHouse answers, decimals and 64 bits as text. */
function expected(id: number, row: Row) {
  const unsigned = row.replaced ?? row.unsigned;
  const digits = (row.amount < 0n ? -row.amount : row.amount).toString().padStart(13, "0");
  const amount = `${row.amount < 0n ? "-" : ""}${digits.slice(0, -12)}.${digits.slice(-12)}`;
  return {
    ...{ id, u8: row.u8, u16: row.u16, seconds: row.seconds, number: String(row.number), unsigned: String(unsigned) },
    ...{ time: String(row.time), amount: amount.replace(/\.?0+$/, "") },
    trace: row.trace === "" ? "0".repeat(32) : row.trace,
    text: wellFormed(row.text),
    low: wellFormed(row.low),
    texts: row.texts.map(wellFormed),
    lows: row.texts.map(wellFormed),
    labels: Object.entries(row.labels).map(([key, value]) => [wellFormed(key), wellFormed(value)]),
    units: Object.entries(row.units).map(([key, value]) => [key, String(value)]),
  };
}

test("the rows that are wanted are what was added, in any order, beside rows that were taken back or not wanted", async () => {
  let batch = 0;
  const columns = createColumns();
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyRow, { maxLength: 300, size: "max" }),
      fc.array(anyRow, { maxLength: 3 }),
      fc.infiniteStream(fc.nat()),
      async (rows, takenBack, chance) => {
        batch++;
        // The same columns serve one batch after the other.
        for (const column of Object.values(columns)) column.truncate(0);
        rows.forEach((row, id) => {
          add(columns, id, row);
        });
        for (const row of takenBack) add(columns, 1000, row);
        for (const column of Object.values(columns)) column.truncate(rows.length);
        rows.forEach(({ replaced }, id) => {
          if (replaced !== null) columns.unsigned.replaceUnsigned(id, replaced);
        });
        const order = rows.map((_, id) => ({ id, at: chance.next().value })).sort((a, b) => a.at - b.at);
        const wanted = order.filter(({ at }) => at % 4 !== 0).map(({ id }) => id);
        if (wanted.length === 0) return;
        const of = new UIntColumn("UInt32", 4);
        for (const _ of rows) of.add(batch);
        const block = new RowBinaryWriter();
        writeBlock(block, { batch: of, ...columns }, wanted);
        await store.clickhouse.insert("t", ["batch", ...Object.keys(columns)], block.bytes(), { format: "Native" });
        const found = await store.clickhouse.query(
          `SELECT id, u8, u16, toUnixTimestamp(seconds) AS seconds, number, unsigned, toUnixTimestamp64Nano(time) AS time, amount,
             lower(hex(trace)) AS trace, text, low, texts, lows, CAST(labels, 'Array(Tuple(String, String))') AS labels,
             CAST(units, 'Array(Tuple(String, UInt64))') AS units
           FROM t WHERE batch = {batch:UInt32} ORDER BY id`,
          { batch },
        );
        const sorted = [...wanted].sort((a, b) => a - b);
        expect(found).toEqual(sorted.map((id) => expected(id, rows[id]!)));
      },
    ),
    { numRuns: 40 },
  );
}, 60_000);

test("a dictionary of more values than two bytes can count", async () => {
  const count = 70_000;
  await store.clickhouse.command("CREATE TABLE many (id UInt32, low LowCardinality(String)) ENGINE = Memory");
  const columns = { id: new UIntColumn("UInt32", 4), low: new DictionaryColumn() };
  for (let id = 0; id < count; id++) {
    columns.id.add(id);
    columns.low.add(`value ${id}`);
  }
  const block = new RowBinaryWriter();
  writeBlock(
    block,
    columns,
    Array.from({ length: count }, (_, id) => id),
  );
  await store.clickhouse.insert("many", Object.keys(columns), block.bytes(), { format: "Native" });
  const rows = await store.clickhouse.query("SELECT count() AS n FROM many WHERE low = concat('value ', toString(id))");
  expect(rows).toEqual([{ n: String(count) }]);
});

test("what does not fit its type is refused", () => {
  const byte = new UIntColumn("UInt8", 1);
  for (const value of [-1, 256, 0.5, Number.NaN]) expect(() => byte.add(value)).toThrow(RangeError);
  const wide = new WideColumn("UInt64");
  for (const value of [-1, 0.5, 2 ** 53, Number.NaN]) expect(() => wide.addNumber(value)).toThrow(RangeError);
  for (const value of [-1n, 2n ** 64n]) expect(() => wide.addUnsigned(value)).toThrow(RangeError);
  for (const value of [-(2n ** 63n) - 1n, 2n ** 63n]) expect(() => wide.addSigned(value)).toThrow(RangeError);
  for (const value of [10n ** 18n, -(10n ** 18n)]) expect(() => wide.addDecimal(value)).toThrow(RangeError);
  expect(() => wide.replaceUnsigned(0, 1n)).toThrow(RangeError);
  const hex = new FixedHexColumn(16);
  for (const text of ["ab", "zz".repeat(16)]) expect(() => hex.add(text)).toThrow(RangeError);
});
