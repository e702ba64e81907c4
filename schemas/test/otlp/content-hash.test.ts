import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contentHash } from "../../src/otlp/content-hash.ts";
import { encodeTraces } from "../../src/otlp/encode.ts";
import type { ResourceSpans } from "../../src/otlp/model.ts";
import { xxh32 } from "../../src/otlp/xxh32.ts";
import { decoded } from "./decoded.ts";

const span = { traceId: "0a".repeat(16), spanId: "0b".repeat(8), name: "chat" };
const base: ResourceSpans = {
  resource: { attributes: [{ key: "service.name", value: { type: "string", value: "shop" } }] },
  scopeSpans: [{ scope: { name: "lib" }, spans: [span], schemaUrl: "https://scope" }],
  schemaUrl: "https://resource",
};
const hashesOf = (...resourceSpans: ResourceSpans[]): number[] =>
  decoded(encodeTraces({ resourceSpans })).spans.map((each) => contentHash(each, "p"));

describe("xxh32", () => {
  // Vectors of the reference implementation (python-xxhash's and Cyan4973/xxHash's tests).
  it.each([
    ["", 0, 0x02cc5d05],
    ["a", 0, 0x550d7456],
    ["abc", 0, 0x32d153ff],
    ["Nobody inspects the spammish repetition", 0, 0xe2293b2f],
    ["", 1, 0x0b2cb792],
  ])("of %j, seed %d", (text, seed, hash) => {
    const bytes = Buffer.from(`<<${text}>>`);
    expect(xxh32(bytes, 2, bytes.length - 2, seed) >>> 0).toBe(hash);
  });

  it("changes half of its bits when one bit of the input changes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 300 }), (bytes) => {
        const before = xxh32(bytes, 0, bytes.length, 0);
        let changed = 0;
        for (let bit = 0; bit < bytes.length * 8; bit++) {
          bytes[bit >> 3]! ^= 1 << (bit & 7);
          for (let rest = (xxh32(bytes, 0, bytes.length, 0) ^ before) >>> 0; rest > 0; rest >>>= 1) changed += rest & 1;
          bytes[bit >> 3]! ^= 1 << (bit & 7);
        }
        const share = changed / (bytes.length * 8 * 32);
        expect(Math.abs(share - 0.5)).toBeLessThan(0.05);
      }),
      { numRuns: 20 },
    );
  });
});

describe("contentHash", () => {
  it("does not depend on how the request was batched", () => {
    const other: ResourceSpans = { scopeSpans: [{ spans: [{ ...span, name: "other" }] }] };
    const [alone] = hashesOf(base);
    const scopeSpans = [...other.scopeSpans, ...base.scopeSpans, ...base.scopeSpans];
    expect(hashesOf(other, base)[1]).toBe(alone);
    expect(hashesOf({ ...base, scopeSpans }).slice(1)).toEqual([alone, alone]);
  });

  it("depends on the project and on every part", () => {
    const [scopeSpans] = base.scopeSpans;
    const scopeWith = (part: object): ResourceSpans => ({ ...base, scopeSpans: [{ ...scopeSpans!, ...part }] });
    const variants: ResourceSpans[] = [
      base,
      { ...base, resource: { attributes: [] } },
      { ...base, schemaUrl: "https://resourcf" },
      scopeWith({ scope: { name: "lic" } }),
      scopeWith({ schemaUrl: "https://scopf" }),
      scopeWith({ spans: [{ ...span, name: "chau" }] }),
    ];
    const hashes = variants.flatMap((variant) => hashesOf(variant));
    const [first] = decoded(encodeTraces({ resourceSpans: [base] })).spans;
    hashes.push(contentHash(first!, "q"), contentHash(first!, ""));
    expect(contentHash(first!, "p")).toBe(hashes[0]);
    expect(new Set(hashes).size).toBe(variants.length + 2);
  });

  it("spreads evenly over 30 bits", () => {
    const spans = Array.from({ length: 50_000 }, (_, index) => ({ ...span, name: `chat ${index}` }));
    const hashes = hashesOf({ scopeSpans: [{ spans }] });
    expect(hashes.every((hash) => Number.isInteger(hash) && hash >= 0 && hash < 2 ** 30)).toBe(true);
    // Expected 50,000² / 2³¹ = 1.2 collisions; more than 10 has a chance below 1 in a million.
    expect(spans.length - new Set(hashes).size).toBeLessThanOrEqual(10);
    const buckets = new Array<number>(64).fill(0);
    for (const hash of hashes) buckets[hash >>> 24]!++;
    for (const count of buckets) expect(Math.abs(count - 50_000 / 64)).toBeLessThan(6 * Math.sqrt(50_000 / 64));
  });
});
