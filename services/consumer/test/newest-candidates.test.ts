import type { VersionedSpan } from "@spanhouse/store/spans/span-rows";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Candidate } from "../src/derive-batch.ts";
import { NewestCandidates } from "../src/newest-candidates.ts";

const few = fc.constantFrom("a", "b");
const candidate = fc
  .record({ project: few, traceId: few, spanId: few, bucket: fc.nat(1), version: fc.bigInt(0n, 3n) })
  .map(({ bucket, version, ...span }) => ({ row: { span, bucket, version } as VersionedSpan }) as Candidate);

test("of each key the greatest version, the first of equals, where the key came first", () => {
  fc.assert(
    fc.property(fc.array(candidate, { maxLength: 40 }), (all) => {
      const newest = new NewestCandidates();
      const expected = new Map<string, Candidate>();
      for (const one of all) {
        newest.add(one);
        const { span, bucket, version } = one.row;
        const key = [span.project, span.traceId, span.spanId, bucket].join();
        const other = expected.get(key);
        if (!other || other.row.version < version) expected.set(key, one);
      }
      expect(newest.candidates).toEqual([...expected.values()]);
    }),
  );
});
