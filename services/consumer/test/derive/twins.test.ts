import { readdirSync, readFileSync } from "node:fs";
import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import { decodeJson } from "@spanhouse/schemas/otlp/json";
import { describe, expect, it } from "vitest";
import { createDeriver } from "../../src/derive/derive-span.ts";
import { createGenaiPrices } from "../../src/derive/price/genai-prices.ts";
import type { SpanDerivation } from "../../src/derive/span-derivation.ts";

const deriveSpan = createDeriver({ priceBook: await createGenaiPrices() });

/** What the demonstration's instrumentations emitted for each of its conversations. */
const recorded = new URL("../../../standalone/test/demo/fixtures/", import.meta.url);

function derivedCalls(conversation: string): readonly SpanDerivation[] {
  const json = decodeJson(readFileSync(new URL(`${conversation}/otlp.json`, recorded)));
  if (json.kind === "failed") throw new Error(json.message);
  const outcome = decodeTraces(json.protobuf);
  if (outcome.kind === "failed") throw new Error(outcome.message);
  return outcome.traces.spans.map((span) => deriveSpan(span, "shop")).filter(({ role }) => role === "model");
}

/** All by which spend is added up. The message is not: only the body that OpenInference repeats says why it refused. */
function spendOf(call: SpanDerivation) {
  const { operation, provider, requestModel, responseModel, serviceTier, usageState, usage, price } = call;
  const { outcome, refusal, errorClass, finishReasons } = call;
  return {
    ...{ operation, provider, requestModel, responseModel, serviceTier, usageState, usage, price },
    ...{ outcome, refusal, errorClass, finishReasons },
  };
}

/** Of a call that is told twice either span may be the one that counts. */
describe("the Anthropic SDK and OpenInference tell of the same call", () => {
  const conversations = readdirSync(recorded).sort();
  const pairs = conversations.flatMap((conversation) => {
    const calls = derivedCalls(conversation).filter(({ responseId }) => responseId !== "");
    const told = [...new Set(calls.map(({ responseId }) => responseId))].map((id) =>
      calls.filter(({ responseId }) => responseId === id),
    );
    return told.filter(({ length }) => length > 1).map((spans) => [conversation, spans] as const);
  });

  it.each(pairs)("%s", (_conversation, told) => {
    expect(told.map(({ scope }) => scope).sort()).toEqual([
      "@arizeai/openinference-instrumentation-anthropic",
      "com.anthropic.sdk.typescript",
    ]);
    expect(spendOf(told[0]!)).toEqual(spendOf(told[1]!));
  });

  it("with one-hour cache writes and a refusal among them", () => {
    const told = pairs.flatMap(([, spans]) => spans);
    expect(told.filter(({ usage }) => usage.units.cache_write_1h_tokens)).toHaveLength(2);
    expect(told.filter(({ refusal }) => refusal === "explicit")).toHaveLength(2);
  });
});
