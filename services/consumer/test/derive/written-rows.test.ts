import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import { RowBinaryWriter } from "@spanhouse/store/row-binary";
import { writePayloadRow } from "@spanhouse/store/spans/payload-rows";
import { type VersionedSpan, versionedSpan } from "@spanhouse/store/spans/versioned-span";
import { expect, test } from "vitest";
import { createDeriver } from "../../src/derive/derive-span.ts";
import { createGenaiPrices } from "../../src/derive/price/genai-prices.ts";

const derive = createDeriver({ priceBook: await createGenaiPrices() });

function rowsOf(service: string): VersionedSpan[] {
  const span = (spanId: string) => ({ traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId, name: `span ${spanId}` });
  const resource = { attributes: [{ key: "service.name", value: { type: "string" as const, value: service } }] };
  const spans = [span("b7ad6b7169203331"), span("b7ad6b7169203332")];
  const outcome = decodeTraces(encodeTraces({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] }));
  if (outcome.kind === "failed") throw new Error(outcome.message);
  return outcome.traces.spans.map((decoded) => versionedSpan(decoded, derive(decoded, "p"), 1n));
}

function written(writer: RowBinaryWriter, row: VersionedSpan): string {
  writer.reset();
  writePayloadRow(writer, row);
  return Buffer.from(writer.bytes()).toString("latin1");
}

test("a row is the same whatever its writer wrote before, though spans of one resource share what is written of it", () => {
  const [first, second] = rowsOf("checkout") as [VersionedSpan, VersionedSpan];
  const [other] = rowsOf("another-service-with-a-longer-name") as [VersionedSpan];
  const alone = written(new RowBinaryWriter(), second);
  const writer = new RowBinaryWriter();
  // Another day's rows begin where those of the day before were.
  written(writer, other);
  written(writer, first);
  writer.reset();
  for (let i = 0; i < 20; i++) writer.string("written over");
  expect(written(writer, second)).toBe(alone);
});
