import type { InboundRecord } from "@spanhouse/bus/bus";
import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { createRuleHistory } from "@spanhouse/store/rule-history";
import { createSpanWriter } from "@spanhouse/store/spans/span-writer";
import { createTraceReader } from "@spanhouse/store/traces/trace-reader";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { TestClickHouse } from "../../../store/test/test-clickhouse.ts";
import { testClickHouse } from "../../../store/test/test-clickhouse.ts";
import { createBatchEraser } from "../../src/batch-eraser.ts";
import { createDeadLetterTable } from "../../src/dead-letter-table.ts";
import { loadDerivation } from "../../src/derivation.ts";
import { createFlush } from "../../src/flush.ts";
import { createLiveTraces } from "../../src/live-traces.ts";
import { createTraceAssembly } from "../../src/trace-assembly.ts";
import { chat, request, span } from "./spans.ts";

let store: TestClickHouse;
beforeEach(async () => {
  store = await testClickHouse();
});
afterEach(() => store.drop());

/** A consumer's flush, over a client that the test may listen to. */
async function flushOver(clickhouse: ClickHouse, estimates = false) {
  const derivation = await loadDerivation({ ownershipFile: "", estimates });
  const freezeLine = async () => () => 0;
  const flush = createFlush({
    clickhouse,
    writer: createSpanWriter(clickhouse),
    assembly: createTraceAssembly({ clickhouse, reader: createTraceReader(clickhouse), freezeLine }),
    live: createLiveTraces(100),
    deadLetters: createDeadLetterTable(clickhouse),
    freezeLine,
    eraser: createBatchEraser(clickhouse),
    currentDerivation: derivation(clickhouse),
    topicProject: "p",
    installation: () => [],
    signal: new AbortController().signal,
  });
  return async (id: number, values: Readonly<Record<string, string | number>> = chat(1000, 100)) => {
    const value = encodeTraces(request(span(id, 1, undefined, values)));
    const record: InboundRecord = { topic: "t", partition: 0, offset: 0n, timestamp: 0, key: null, headers: {}, value };
    const storeBatch = await flush({ generation: 1, records: [record], positions: [], more: false });
    return storeBatch();
  };
}

const half = (name: string) =>
  createRuleHistory(store.clickhouse, "prices").append({
    ...{
      project: "p",
      name,
      rule: '{"kind":"discount","match":{},"percent":"50"}',
      changedBy: "me",
      reason: "contract",
    },
  });
const costs = async () =>
  (
    await store.clickhouse.query<{ cost: string; price: number }>(
      "SELECT cost, toUInt32(version % 16384) AS price FROM spans FINAL ORDER BY trace_id",
    )
  ).map(({ cost, price }) => [cost, price]);

it("a rule is in force with the next flush, under the next number, and is revoked as it came", async () => {
  const flush = await flushOver(store.clickhouse);
  await flush(1);
  await half("contract");
  await flush(2);
  await flush(3);
  const rules = createRuleHistory(store.clickhouse, "prices");
  await rules.append({ project: "p", name: "contract", rule: "", changedBy: "me", reason: "over" });
  await flush(4);
  expect(await costs()).toEqual([
    ["0.0035", 1],
    ["0.00175", 2],
    ["0.00175", 2],
    ["0.0035", 3],
  ]);
  const said = (await rules.history()).map(({ version, rule, changedBy, reason }) => [
    version,
    rule !== "",
    changedBy,
    reason,
  ]);
  expect(said).toEqual([
    [1, true, "me", "contract"],
    [2, false, "me", "over"],
  ]);
});

it("a rule that comes while a flush writes is in force for that flush", async () => {
  let written = 0;
  const listening: ClickHouse = {
    ...store.clickhouse,
    async insert(table, ...rest) {
      await store.clickhouse.insert(table, ...rest);
      if (table === "spans" && ++written === 1) await half("contract");
    },
  };
  const flush = await flushOver(listening);
  await flush(1);
  expect(await costs()).toEqual([["0.00175", 2]]);
  expect(written).toBe(2);
});

it("two consumers with the same rules have one number, one with other rules of its own another", async () => {
  const first = await loadDerivation({ ownershipFile: "", estimates: false });
  const other = await loadDerivation({ ownershipFile: "", estimates: true });
  const [a, b] = [first(store.clickhouse), first(store.clickhouse)];
  expect([(await a()).price, (await b()).price, (await other(store.clickhouse)()).price]).toEqual([1, 1, 2]);
  // What another program activated is not what this one derives by.
  expect((await a()).price).toBe(1);
  await half("contract");
  expect([(await a()).price, (await b()).price]).toEqual([3, 3]);
});

it("an estimate stands in columns of its own, in the row and in the trace", async () => {
  const flush = await flushOver(store.clickhouse, true);
  const { "gen_ai.usage.input_tokens": _input, "gen_ai.usage.output_tokens": _output, ...silent } = chat(1, 1);
  await flush(1, {
    ...silent,
    "spanhouse.request": '{"model":"gpt-4o","messages":[{"role":"user","content":"How many tokens is this?"}]}',
    "spanhouse.response": '{"choices":[{"index":0,"message":{"role":"assistant","content":"Six."}}]}',
  });
  // 6 × 2.5 + 2 × 10 micro-dollars.
  expect(
    await store.clickhouse.query(
      `SELECT usage_state, input_tokens, output_tokens, estimated_input_tokens, estimated_output_tokens, price_state, cost,
         estimated_cost FROM spans FINAL`,
    ),
  ).toEqual([
    {
      ...{ usage_state: "estimated", input_tokens: "0", output_tokens: "0" },
      ...{ estimated_input_tokens: "6", estimated_output_tokens: "2" },
      ...{ price_state: "estimated", cost: "0", estimated_cost: "0.000035" },
    },
  ]);
  expect(
    await store.clickhouse.query(
      "SELECT estimated_calls, unknown_usage_calls, input_tokens, cost, estimated_cost FROM traces FINAL WHERE live",
    ),
  ).toEqual([{ estimated_calls: 1, unknown_usage_calls: 0, input_tokens: "0", cost: "0", estimated_cost: "0.000035" }]);
});
