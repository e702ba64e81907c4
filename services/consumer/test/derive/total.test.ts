import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import type { DecodedSpan } from "@spanhouse/schemas/otlp/decoded";
import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import type { Span } from "@spanhouse/schemas/otlp/model";
import { sliceOf, textOf } from "@spanhouse/schemas/slice";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readRequestBody, readResponseBody } from "../../src/derive/bodies/read-bodies.ts";
import { createDeriver } from "../../src/derive/derive-span.ts";
import { createGenaiPrices } from "../../src/derive/price/genai-prices.ts";
import type { SpanDerivation } from "../../src/derive/span-derivation.ts";
import { soup } from "./soup.ts";

const deriveSpan = createDeriver({ priceBook: await createGenaiPrices() });

function decoded(span: Span): DecodedSpan {
  const outcome = decodeTraces(encodeTraces({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }));
  if (outcome.kind === "failed") throw new Error(outcome.message);
  return outcome.traces.spans[0]!;
}

function printed(derived: SpanDerivation): string {
  const content = Object.values(derived.content).map(textOf);
  return JSON.stringify({ ...derived, content }, (_key, value) => (typeof value === "bigint" ? `${value}n` : value));
}

describe("deriveSpan on any attributes", () => {
  it("derives the same every time, within its bounds", () => {
    let calls = 0;
    fc.assert(
      fc.property(soup, (span) => {
        const derived = deriveSpan(decoded(span), "shop");
        expect(printed(deriveSpan(decoded(span), "shop"))).toBe(printed(derived));

        const { usage, price } = derived;
        for (const count of [usage.inputTokens, usage.outputTokens, ...Object.values(usage.units)]) {
          expect(Number.isSafeInteger(count) && count >= 0).toBe(true);
        }
        if (usage.inputTokens > 0) {
          expect(usage.cacheReadTokens + usage.cacheWriteTokens).toBeLessThanOrEqual(usage.inputTokens);
        }
        if (price.state !== "priced") expect(price.cost).toBe(0n);
        if (price.state !== "estimated") expect(price.estimatedCost).toBe(0n);
        if (price.state === "priced") expect(derived.usageState).toBe("exact");
        for (const value of Object.values(derived)) {
          if (typeof value === "string") expect(value.length).toBeLessThanOrEqual(200);
        }
        for (const word of [...derived.finishReasons, ...derived.tags, price.rule, derived.signals.errorType]) {
          expect(word.length).toBeLessThanOrEqual(200);
        }
        for (const { bytes, start, end } of Object.values(derived.content)) {
          expect(start >= 0 && start <= end && end <= bytes.length).toBe(true);
        }
        expect(derived.errorClass === "none" || derived.outcome === "error").toBe(true);
        if (derived.role === "model") calls++;
      }),
      { numRuns: 1_000 },
    );
    expect(calls).toBeGreaterThan(100);
  });
});

describe("bodies of any shape", () => {
  const field = fc.constantFrom(
    "type",
    "object",
    "choices",
    "message",
    "delta",
    "usage",
    "output",
    "content",
    "text",
    "error",
    "response",
    "stop_reason",
    "finish_reason",
    "refusal",
    "index",
    "input_tokens",
    "prompt_tokens_details",
    ...["candidates", "usageMetadata", "promptFeedback", "parts", "functionCall", "contentBlockDelta", "toolUse"],
    ...["results", "outputs", "meta", "billed_units", "data", "generation", "tool_calls", "__type", "code", "status"],
  );
  const leaf = fc.oneof(
    fc.constantFrom(
      "message",
      "response",
      "message_start",
      "message_delta",
      "content_block_delta",
      "output_text",
      "text",
    ),
    fc.double(),
    fc.constant(null),
    fc.boolean(),
  );
  const { body } = fc.letrec<{ body: unknown }>((tie) => ({
    body: fc.oneof(
      { maxDepth: 5 },
      leaf,
      fc.dictionary(field, tie("body"), { maxKeys: 5 }),
      fc.array(tie("body"), { maxLength: 3 }),
    ),
  }));

  it("read without a throw, whole, streamed and cut", () => {
    fc.assert(
      fc.property(fc.array(body, { minLength: 1, maxLength: 4 }), fc.nat(), (bodies, cut) => {
        const stream = bodies.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
        for (const text of [JSON.stringify(bodies[0]), stream]) {
          readResponseBody(sliceOf(text));
          readResponseBody(sliceOf(text.slice(0, cut % (text.length + 1))));
          readRequestBody(sliceOf(text));
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
