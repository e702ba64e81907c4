import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RowBinaryWriter } from "../src/row-binary.ts";
import { type TestClickHouse, testClickHouse } from "./test-clickhouse.ts";

const columns = {
  id: "UInt32",
  u8: "UInt8",
  u16: "UInt16",
  u64: "UInt64",
  u64number: "UInt64",
  i64: "Int64",
  u128: "UInt128",
  d64: "Decimal(18, 12)",
  d128: "Decimal(38, 12)",
  text: "String",
  low: "LowCardinality(String)",
  raw: "String",
  trace: "FixedString(16)",
  seconds: "DateTime('UTC')",
  nanoseconds: "DateTime64(9, 'UTC')",
  texts: "Array(String)",
  units: "Map(String, UInt64)",
} as const;

const digits = (count: number) => ({ min: -(10n ** BigInt(count)) + 1n, max: 10n ** BigInt(count) - 1n });
const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.string({ unit: "binary-ascii", maxLength: 200 }),
  // Any UTF-16, lone surrogates too.
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 80 }).map((units) => String.fromCharCode(...units)),
);
const anyRow = fc.record({
  u8: fc.integer({ min: 0, max: 0xff }),
  u16: fc.integer({ min: 0, max: 0xffff }),
  u64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  u64number: fc.maxSafeNat(),
  i64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  u128: fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }),
  d64: fc.bigInt(digits(18)),
  d128: fc.bigInt(digits(38)),
  text: anyText,
  low: anyText,
  raw: fc.uint8Array({ maxLength: 300 }),
  margin: fc.nat(5),
  trace: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString("hex")),
  upper: fc.boolean(),
  seconds: fc.integer({ min: 0, max: 0xffff_ffff }),
  // Before 1900 and after 2262 ClickHouse has no DateTime64(9).
  nanoseconds: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  texts: fc.array(anyText, { maxLength: 5 }),
  units: fc.dictionary(fc.string(), fc.maxSafeNat(), { maxKeys: 5 }),
});
type Row = typeof anyRow extends fc.Arbitrary<infer T> ? T : never;

function write(writer: RowBinaryWriter, id: number, row: Row): void {
  writer.uint32(id);
  writer.uint8(row.u8);
  writer.uint16(row.u16);
  writer.uint64(row.u64);
  writer.uint64(row.u64number);
  writer.int64(row.i64);
  writer.uint128(row.u128);
  writer.decimal64(row.d64);
  writer.decimal128(row.d128);
  writer.string(row.text);
  writer.string(row.low);
  const { length } = row.raw;
  const bytes = new Uint8Array(length + 2 * row.margin);
  bytes.set(row.raw, row.margin);
  writer.slice({ bytes, start: row.margin, end: row.margin + length });
  writer.fixedHex(row.upper ? row.trace.toUpperCase() : row.trace, 16);
  writer.dateTime(row.seconds);
  writer.dateTime64(row.nanoseconds);
  writer.arrayLength(row.texts.length);
  for (const text of row.texts) writer.string(text);
  const units = Object.entries(row.units);
  writer.arrayLength(units.length);
  for (const [name, count] of units) {
    writer.string(name);
    writer.uint64(count);
  }
}

/** As the server shows it: texts by their bytes, times and decimals by the integers that they are. */
const shown = `id, u8, u16, u64, u64number, i64, u128, reinterpretAsInt64(d64), toString(reinterpretAsInt128(d128)),
  hex(text), hex(low), hex(raw), hex(trace), toUnixTimestamp(seconds), toUnixTimestamp64Nano(nanoseconds),
  arrayMap(hex, texts), arrayMap(hex, mapKeys(units)), mapValues(units)`;

function expected(id: number, row: Row): unknown[] {
  const hex = (text: string) => Buffer.from(text, "utf8").toString("hex").toUpperCase();
  return [
    id,
    row.u8,
    row.u16,
    String(row.u64),
    String(row.u64number),
    String(row.i64),
    String(row.u128),
    String(row.d64),
    String(row.d128),
    hex(row.text),
    hex(row.low),
    Buffer.from(row.raw).toString("hex").toUpperCase(),
    row.trace.toUpperCase(),
    row.seconds,
    String(row.nanoseconds),
    row.texts.map(hex),
    Object.keys(row.units).map(hex),
    Object.values(row.units).map(String),
  ];
}

describe("rows in the server", () => {
  let store: TestClickHouse;
  beforeAll(async () => {
    store = await testClickHouse({ migrated: false });
    await store.clickhouse.createDatabase();
    const definitions = Object.entries(columns).map(([name, type]) => `${name} ${type}`);
    await store.clickhouse.command(
      `CREATE TABLE rows (${definitions.join(", ")}) ENGINE = MergeTree ORDER BY id SETTINGS allow_suspicious_indices = 1`,
    );
  });
  afterAll(() => store.drop());

  test("are the rows that were written", async () => {
    const writer = new RowBinaryWriter(1);
    await fc.assert(
      fc.asyncProperty(fc.array(anyRow, { minLength: 1, maxLength: 40 }), async (rows) => {
        writer.reset();
        rows.forEach((row, id) => {
          write(writer, id, row);
        });
        await store.clickhouse.command("TRUNCATE TABLE rows");
        await store.clickhouse.insert("rows", Object.keys(columns), writer.bytes());
        expect(await store.clickhouse.queryRows(`SELECT ${shown} FROM rows ORDER BY id`)).toEqual(
          rows.map((row, id) => expected(id, row)),
        );
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });
});

describe("the bytes", () => {
  test("of a String around each length of its length", () => {
    for (const length of [0, 1, 63, 64, 127, 128, 16_383, 16_384, 70_000]) {
      for (const letter of ["a", "é", "語"]) {
        const writer = new RowBinaryWriter(1);
        writer.string(letter.repeat(length));
        const size = Buffer.byteLength(letter) * length;
        const lengthBytes = size < 128 ? 1 : size < 16_384 ? 2 : size < 2_097_152 ? 3 : 4;
        expect(writer.length, `${length} of ${letter}`).toBe(lengthBytes + size);
        expect(Buffer.from(writer.bytes()).toString("utf8", lengthBytes)).toBe(letter.repeat(length));
      }
    }
  });

  test("are the same whatever the buffer held at first", () => {
    fc.assert(
      fc.property(fc.array(anyRow, { minLength: 1, maxLength: 5 }), (rows) => {
        const [roomy, tight] = [new RowBinaryWriter(1 << 20), new RowBinaryWriter(1)];
        rows.forEach((row, id) => {
          write(roomy, id, row);
          write(tight, id, row);
        });
        expect(Buffer.compare(tight.bytes(), roomy.bytes())).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  test("of a missing FixedString are zeros, whatever lay there before", () => {
    const writer = new RowBinaryWriter();
    writer.fixedHex("ff".repeat(8), 8);
    writer.reset();
    writer.fixedHex("", 8);
    expect([...writer.bytes()]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  });

  test("taken back are gone", () => {
    const writer = new RowBinaryWriter();
    writer.uint8(1);
    const { length } = writer;
    writer.string("a row that was not wanted");
    writer.truncate(length);
    writer.uint8(2);
    expect([...writer.bytes()]).toEqual([1, 2]);
    expect(() => writer.truncate(3)).toThrow(RangeError);
  });
});

describe("a value that does not fit", () => {
  const slice = { bytes: new Uint8Array(4), start: 0, end: 5 };
  test.each<[string, (writer: RowBinaryWriter) => void]>([
    ["uint8 256", (writer) => writer.uint8(256)],
    ["uint8 -1", (writer) => writer.uint8(-1)],
    ["uint16 65536", (writer) => writer.uint16(65_536)],
    ["uint32 2^32", (writer) => writer.uint32(2 ** 32)],
    ["uint32 0.5", (writer) => writer.uint32(0.5)],
    ["uint64 -1", (writer) => writer.uint64(-1)],
    ["uint64 NaN", (writer) => writer.uint64(Number.NaN)],
    ["uint64 2^53", (writer) => writer.uint64(2 ** 53)],
    ["uint64 2^64", (writer) => writer.uint64(2n ** 64n)],
    ["int64 2^63", (writer) => writer.int64(2n ** 63n)],
    ["uint128 -1", (writer) => writer.uint128(-1n)],
    ["decimal64 10^18", (writer) => writer.decimal64(10n ** 18n)],
    ["decimal128 10^38", (writer) => writer.decimal128(-(10n ** 38n))],
    ["fixedHex too short", (writer) => writer.fixedHex("ab", 2)],
    ["fixedHex not hex", (writer) => writer.fixedHex("xy", 1)],
    ["fixedHex beyond ASCII", (writer) => writer.fixedHex("aé", 1)],
    ["slice past its bytes", (writer) => writer.slice(slice)],
    ["slice backwards", (writer) => writer.slice({ ...slice, start: 3, end: 1 })],
  ])("%s is a RangeError", (_, write) => {
    expect(() => write(new RowBinaryWriter())).toThrow(RangeError);
  });
});
