import { Buffer } from "node:buffer";
import fc from "fast-check";
import { expect, test } from "vitest";
import { internedText } from "../../src/otlp/interned-text.ts";

test("is the text, whatever was asked before", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc.string({ maxLength: 80 }).map((text) => new TextEncoder().encode(text)),
    fc
      .constantFrom("gpt-4o", "gpt-4o-mini", "", "openai", "a".repeat(64), "a".repeat(65))
      .map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 50 }), (texts) => {
      const buffer = Buffer.concat(texts);
      let start = 0;
      for (const text of texts) {
        const end = start + text.length;
        expect(internedText(buffer, start, end)).toBe(buffer.toString("utf8", start, end));
        start = end;
      }
    }),
  );
});
