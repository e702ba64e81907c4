import fc from "fast-check";
import { expect, test } from "vitest";
import type { Candidate, KeptSpan } from "../src/candidate.ts";
import { NewestCandidates } from "../src/newest-candidates.ts";

const few = fc.constantFrom("a", "b");
const candidate = fc
  .record({ project: few, traceId: few, spanId: few, bucket: fc.nat(1), version: fc.bigInt(0n, 3n) })
  .map(
    ({ bucket, version, spanId, ...span }) =>
      ({ span: { ...span, row: { spanId, bucket, version } } }) as Candidate<KeptSpan>,
  );

test("of each key the greatest version, the first of equals, where the key came first", () => {
  fc.assert(
    fc.property(fc.array(candidate, { maxLength: 40 }), (all) => {
      const newest = new NewestCandidates<KeptSpan>();
      const expected = new Map<string, Candidate<KeptSpan>>();
      for (const one of all) {
        newest.add(one);
        const { project, traceId, row } = one.span;
        const key = [project, traceId, row.spanId, row.bucket].join();
        const other = expected.get(key);
        if (!other || other.span.row.version < row.version) expected.set(key, one);
      }
      expect(newest.candidates).toEqual([...expected.values()]);
    }),
  );
});
