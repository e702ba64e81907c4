import type { InboundRecord } from "@spanhouse/bus/bus";
import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import type { ExportTraceServiceRequest } from "@spanhouse/schemas/otlp/model";
import { createSpanWriter } from "@spanhouse/store/spans/span-writer";
import { createTraceReader } from "@spanhouse/store/traces/trace-reader";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { TestClickHouse } from "../../../store/test/test-clickhouse.ts";
import { testClickHouse } from "../../../store/test/test-clickhouse.ts";
import { createBatchEraser } from "../../src/batch-eraser.ts";
import { createDeadLetterTable } from "../../src/dead-letter-table.ts";
import { createDeriver } from "../../src/derive/derive-span.ts";
import { createGenaiPrices } from "../../src/derive/price/genai-prices.ts";
import type { Derivation } from "../../src/derive-batch.ts";
import { createFlush } from "../../src/flush.ts";
import { createLiveTraces } from "../../src/live-traces.ts";
import { createTraceAssembly } from "../../src/trace-assembly.ts";
import { agent, chat, minute0, request, second, span } from "../pipeline/spans.ts";
import { spanNamesIn, storedLetters } from "./observed-pipeline.ts";

let store: TestClickHouse;
const derive = createDeriver({ priceBook: await createGenaiPrices() });

beforeEach(async () => {
  store = await testClickHouse();
});
afterEach(() => store.drop());

/** One flush with a derivation or a project's past that the pipeline of the other tests cannot have. */
async function flush(
  options: { derive?: Derivation["derive"]; frozenUntil?: number },
  ...requests: ExportTraceServiceRequest[]
) {
  const { clickhouse } = store;
  const freezeLine = async () => () => options.frozenUntil ?? 0;
  const run = createFlush({
    clickhouse,
    writer: createSpanWriter(clickhouse),
    assembly: createTraceAssembly({ clickhouse, reader: createTraceReader(clickhouse), freezeLine }),
    live: createLiveTraces(100),
    deadLetters: createDeadLetterTable(clickhouse),
    freezeLine,
    eraser: createBatchEraser(clickhouse),
    currentDerivation: async () => ({ derive: options.derive ?? derive, code: 1, price: 1 }),
    topicProject: "p",
    installation: () => [],
    signal: new AbortController().signal,
  });
  const records = requests.map(
    (one, n): InboundRecord => ({
      ...{ topic: "otlp_spans", partition: 0, offset: BigInt(n), timestamp: 0, key: null, headers: {} },
      value: encodeTraces(one),
    }),
  );
  const storeBatch = await run({ generation: 1, records, positions: [], more: false });
  return storeBatch();
}

const stored = () => store.clickhouse.query("SELECT name, cost FROM spans FINAL ORDER BY span_id");
/** Of records that name no project: they have their topic's. */
const letters = () => storedLetters(store.clickhouse, "p");

const good = span(1, 1, undefined, chat(1000, 100));
const offender = (id: number) => span(1, id, undefined, agent(), 0n, { name: "offender" });
const fromRecord = (n: number) => ({ "spanhouse-origin-offset": String(n) });
const onlyGood = [{ name: "chat", cost: "0.0035" }];

it("a span on which the derivation fails waits in a letter, its neighbours are stored", async () => {
  const failing: Derivation["derive"] = (decoded, project) => {
    if (decoded.name === "offender") throw new TypeError("a defect of ours");
    return derive(decoded, project);
  };
  await flush({ derive: failing }, request(offender(2), good, offender(3)), request(offender(4)));
  expect(await stored()).toEqual(onlyGood);
  const found = await letters();
  expect(found).toMatchObject([
    {
      code: "SPAN_UNSTORABLE",
      stage: "derive",
      headers: fromRecord(0),
      message: "span bbbbbbbbbbbbbbb2: a defect of ours (the first of 2 spans)",
    },
    {
      code: "SPAN_UNSTORABLE",
      stage: "derive",
      headers: fromRecord(1),
      message: "span bbbbbbbbbbbbbbb4: a defect of ours",
    },
  ]);
  expect(found.map(spanNamesIn)).toEqual([["offender", "offender"], ["offender"]]);
});

it("a span that no column holds waits in a letter, its neighbours are stored", async () => {
  const beyond: Derivation["derive"] = (decoded, project) => {
    const derived = derive(decoded, project);
    return decoded.name === "offender" ? { ...derived, attempt: 70_000 } : derived;
  };
  await flush({ derive: beyond }, request(offender(2), good), request(offender(3)));
  expect(await stored()).toEqual(onlyGood);
  const found = await letters();
  expect(found).toMatchObject([
    {
      code: "SPAN_UNSTORABLE",
      stage: "write",
      headers: fromRecord(0),
      message: "span bbbbbbbbbbbbbbb2: 70000 is not UInt16.",
    },
    { code: "SPAN_UNSTORABLE", stage: "write", headers: fromRecord(1) },
  ]);
  expect(found.map(spanNamesIn)).toEqual([["offender"], ["offender"]]);
});

it("spans that ended where their project is frozen wait in one letter, those after it are stored", async () => {
  const before = [2, 3, 4].map((id) => span(1, id, undefined, agent(), -120n * second, { name: "offender" }));
  await flush({ frozenUntil: Number(minute0 / second) }, request(...before, good));
  expect(await stored()).toEqual(onlyGood);
  const found = await letters();
  expect(found).toMatchObject([
    { code: "SPAN_FROZEN", stage: "derive", message: expect.stringContaining("2026-10-05T10:00:00.000Z") },
  ]);
  expect(found.map(spanNamesIn)).toEqual([["offender", "offender", "offender"]]);
});
