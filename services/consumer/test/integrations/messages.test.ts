import { instrumentations, recordingsOf } from "@spanhouse/conformance/integrations/recordings";
import { renderMessages } from "@spanhouse/schemas/messages/render-messages";
import { textOf } from "@spanhouse/schemas/slice";
import type { VersionedSpan } from "@spanhouse/store/spans/versioned-span";
import { expect, it } from "vitest";
import { createDeriver } from "../../src/derive/derive-span.ts";
import { createGenaiPrices } from "../../src/derive/price/genai-prices.ts";
import { deriveBatch } from "../../src/derive-batch.ts";
import { keptWhole } from "./stored-spans.ts";

const derive = createDeriver({ priceBook: await createGenaiPrices() });

/** The model calls of everything that was recorded, with whose they are. */
const calls = instrumentations().flatMap((instrumentation) =>
  recordingsOf(instrumentation).flatMap(({ otlp }) => {
    const record = { topic: "otlp_spans", partition: 0, offset: 0n, timestamp: 0, key: null, headers: {} };
    const { ended } = deriveBatch([{ ...record, value: Buffer.from(JSON.stringify(otlp)) }], {
      derivation: { derive, code: 1, price: 1 },
      topicProject: "shop",
      frozenUntil: () => 0,
      own: [],
      erasures: { erased: () => undefined },
      keep: keptWhole,
    });
    const rows = ended.map(({ span }) => span.whole).filter(({ span }) => span.role === "model");
    return rows.map((row) => ({
      ...{ name: instrumentation.name, failed: row.span.outcome === "error" },
      ...rendered(row),
    }));
  }),
);

/** As the API reads the row: texts that stand in a column of their own are no attributes. */
function rendered({ span, decoded: { attributes } }: VersionedSpan) {
  const texts = Object.fromEntries(Object.entries(span.content).map(([name, slice]) => [name, textOf(slice) || null]));
  const stored = new Set(Object.values(texts));
  const kept = Array.from({ length: attributes.length }, (_, i) => ({
    key: attributes.key(i),
    type: "string" as const,
    value: attributes.json(i),
  })).filter(({ value }) => typeof value !== "string" || !stored.has(value));
  const carries = texts.request !== null || texts.response !== null;
  const rendering = renderMessages({
    ...{ role: span.role, family: span.family, tool_name: "", tool_call_id: "", fidelity: span.fidelity },
    request: texts.request ?? null,
    response: texts.response ?? null,
    documents: texts.documents ?? null,
    ...{ tool_arguments: null, tool_result: null, attributes: kept },
  });
  return { carries, rendering };
}

/** LlamaIndex writes the objects of Python's memory where messages should be, on spans above its calls. */
const unreadable = new Set(["openinference-llama-index-python"]);

/** Mastra's call tells the answer alone: what was asked stands on the step above it. */
const promptless = new Set(["mastra"]);

it("reads the messages of every recorded call that carries any", () => {
  const carrying = calls.filter(({ carries }) => carries);
  expect(carrying.length).toBeGreaterThan(100);
  // What a provider says of a call that failed is no message: it is shown as it came.
  const unread = carrying
    .filter(({ failed, rendering }) => rendering.unread.some(({ text }) => !(failed && text === "response")))
    .map(({ name }) => name);
  expect([...new Set(unread)].filter((name) => !unreadable.has(name))).toEqual([]);
});

it("finds in each what was asked, and in most what was answered", () => {
  const read = calls.filter(({ carries, rendering }) => carries && rendering.unread.length === 0);
  const silent = read.filter(
    ({ rendering: { input, system, inputs } }) => input.length + system.length + inputs.length === 0,
  );
  expect([...new Set(silent.map(({ name }) => name))].filter((name) => !promptless.has(name))).toEqual([]);
  expect(read.filter(({ rendering }) => rendering.output.length > 0).length).toBeGreaterThan(read.length * 0.75);
});
