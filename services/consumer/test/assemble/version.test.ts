import { contentRank, packVersion, unpackVersion, withMarks } from "@spanhouse/store/version";
import fc from "fast-check";
import { expect, test } from "vitest";

const parts = fc.record({
  erased: fc.boolean(),
  hasUsage: fc.boolean(),
  revision: fc.nat(255),
  contentHash: fc.nat(0x3fffffff),
  void: fc.boolean(),
  aggregate: fc.boolean(),
  code: fc.nat(255),
  price: fc.nat(16383),
});

test("the layout is frozen", () => {
  const nothing = {
    erased: false,
    hasUsage: false,
    revision: 0,
    contentHash: 0,
    void: false,
    aggregate: false,
    code: 0,
    price: 0,
  };
  expect(packVersion({ ...nothing, erased: true })).toBe(0x8000_0000_0000_0000n);
  expect(packVersion({ ...nothing, hasUsage: true })).toBe(0x4000_0000_0000_0000n);
  expect(packVersion({ ...nothing, revision: 1 })).toBe(0x0040_0000_0000_0000n);
  expect(packVersion({ ...nothing, contentHash: 1 })).toBe(0x0000_0000_0100_0000n);
  expect(packVersion({ ...nothing, void: true })).toBe(0x0000_0000_0080_0000n);
  expect(packVersion({ ...nothing, aggregate: true })).toBe(0x0000_0000_0040_0000n);
  expect(packVersion({ ...nothing, code: 1 })).toBe(0x0000_0000_0000_4000n);
  expect(packVersion({ ...nothing, price: 1 })).toBe(1n);
});

test("unpack gives back what was packed, in 64 bits", () => {
  fc.assert(
    fc.property(parts, (all) => {
      const version = packVersion(all);
      expect(version).toBe(BigInt.asUintN(64, version));
      expect(unpackVersion(version)).toEqual(all);
    }),
  );
});

test("versions order as their parts do, most significant first", () => {
  const key = (all: typeof parts extends fc.Arbitrary<infer T> ? T : never) =>
    [all.erased, all.hasUsage, all.revision, all.contentHash, all.void, all.aggregate, all.code, all.price].map(Number);
  fc.assert(
    fc.property(parts, parts, (a, b) => {
      const [left, right] = [key(a), key(b)];
      const at = left.findIndex((value, i) => value !== right[i]);
      const expected = at < 0 ? 0 : Math.sign(left[at]! - right[at]!);
      const [x, y] = [packVersion(a), packVersion(b)];
      expect(x === y ? 0 : x < y ? -1 : 1).toBe(expected);
    }),
  );
});

test("marks and erasure leave the content rank alone, and marks only ever rise", () => {
  fc.assert(
    fc.property(parts, fc.record({ void: fc.boolean(), aggregate: fc.boolean() }), (all, marks) => {
      const version = packVersion(all);
      const marked = withMarks(version, marks);
      expect(marked).toBeGreaterThanOrEqual(version);
      expect(unpackVersion(marked)).toEqual({
        ...all,
        void: all.void || marks.void,
        aggregate: all.aggregate || marks.aggregate,
      });
      expect(contentRank(marked)).toBe(contentRank(version));
      expect(contentRank(packVersion({ ...all, erased: !all.erased }))).toBe(contentRank(version));
    }),
  );
});

test.each([
  ["revision", 256],
  ["contentHash", 2 ** 30],
  ["code", -1],
  ["price", 1.5],
])("%s = %d does not fit and says so", (name, value) => {
  const all = {
    erased: false,
    hasUsage: false,
    revision: 0,
    contentHash: 0,
    void: false,
    aggregate: false,
    code: 0,
    price: 0,
  };
  expect(() => packVersion({ ...all, [name]: value })).toThrow(`${name} is ${value}`);
});
