import fc from "fast-check";
import { expect, test } from "vitest";
import { DistinctTexts } from "../../src/assemble/distinct-texts.ts";

test("each text once, in order, few or many", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 2 }), { maxLength: 60 }), (texts) => {
      const distinct = new DistinctTexts();
      for (const text of texts) distinct.add(text);
      expect(distinct.sorted()).toEqual([...new Set(texts)].sort());
    }),
  );
});
