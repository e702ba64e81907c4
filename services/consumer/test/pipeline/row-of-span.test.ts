import { readFileSync } from "node:fs";
import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import type { DecodedSpan } from "@spanhouse/schemas/otlp/decoded";
import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import { EncodedSpans } from "@spanhouse/store/spans/encoded-spans";
import { createSpanWriter } from "@spanhouse/store/spans/span-writer";
import { versionedSpan } from "@spanhouse/store/spans/versioned-span";
import { traceRowOf } from "@spanhouse/store/traces/row-of-span";
import { createTraceReader } from "@spanhouse/store/traces/trace-reader";
import { packVersion } from "@spanhouse/store/version";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { testClickHouse } from "../../../store/test/test-clickhouse.ts";
import { createDeriver } from "../../src/derive/derive-span.ts";
import { createGenaiPrices } from "../../src/derive/price/genai-prices.ts";
import { fixtureCases } from "../derive/golden.ts";
import { protobufOf } from "../derive/otlp-json.ts";
import { soup } from "../derive/soup.ts";

function spansIn(bytes: Uint8Array): readonly DecodedSpan[] {
  const outcome = decodeTraces(bytes);
  if (outcome.kind === "failed") throw new Error(outcome.message);
  return outcome.traces.spans;
}

const fixture = (name: string) =>
  spansIn(protobufOf(readFileSync(new URL(`../derive/fixtures/${name}/span.json`, import.meta.url), "utf8")));

test("a span that was written is, read back, the row that memory holds of it", async () => {
  const { clickhouse, drop } = await testClickHouse();
  const derive = createDeriver({ priceBook: await createGenaiPrices() });
  const arbitrary = fc
    .sample(soup, { numRuns: 300, seed: 11 })
    .flatMap((span) => spansIn(encodeTraces({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] })));
  const version = packVersion({
    ...{ erased: false, hasUsage: true, revision: 1, contentHash: 7, void: false, aggregate: false },
    ...{ code: 255, price: 16383 },
  });
  const rows = [...fixtureCases.flatMap(fixture), ...arbitrary].map((span, n) => {
    // Each a trace of its own.
    const own = { ...derive(span, "p"), traceId: (n + 1).toString(16).padStart(32, "0") };
    return versionedSpan(span, own, version + BigInt(n));
  });

  const writer = createSpanWriter(clickhouse);
  await writer.writeBuckets(
    rows.map(({ span, bucket }) => ({ project: "p", traceId: span.traceId, bucket })),
    1n,
  );
  const encoded = new EncodedSpans();
  const spans = rows.map((row) => encoded.add(row));
  await writer.writeSpans(encoded, spans, (unmarked) => unmarked);
  const keys = rows.map(({ span }) => ({ project: "p", traceId: span.traceId }));
  const read = await createTraceReader(clickhouse).read(keys);
  await drop();

  expect(read.length).toBe(rows.length);
  const found = new Map(read.map(({ traceId, rows: [row] }) => [traceId, row]));
  for (const row of rows) expect(traceRowOf(row)).toEqual(found.get(row.span.traceId));
}, 60_000);
