import type { KeyValue } from "@spanhouse/schemas/otlp/model";
import { createProjectReader, defaultReadLimits } from "@spanhouse/store/readers/project-reader";
import { readTraceScores } from "@spanhouse/store/readers/trace-scores";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { TestClickHouse } from "../../../store/test/test-clickhouse.ts";
import { testClickHouse } from "../../../store/test/test-clickhouse.ts";
import { type RunningConsumer, runConsumer } from "./running-consumer.ts";
import { chat, request, second, span } from "./spans.ts";

let store: TestClickHouse;
let consumer: RunningConsumer;

beforeAll(async () => {
  store = await testClickHouse();
  consumer = await runConsumer(store.clickhouse);
});
afterAll(async () => {
  await consumer.stop();
  await store.drop();
});

const attribute = (key: string, value: string | number): KeyValue => ({
  key,
  value: typeof value === "string" ? { type: "string", value } : { type: "double", value },
});

const score = (id: number, at: bigint, attributes: readonly KeyValue[]) => ({
  ...span(1, id, 1, {}, at),
  name: "spanhouse.score",
  attributes,
});

const helpful = (value: number) => [
  attribute("gen_ai.evaluation.name", "helpful"),
  attribute("gen_ai.evaluation.score.value", value),
  attribute("gen_ai.evaluation.score.label", value === 1 ? "true" : "false"),
  attribute("gen_ai.evaluation.explanation", "x".repeat(300)),
];

it("scores stand beside the trace: the last given of an id, in any order, before and after its spans", async () => {
  const tone = [attribute("gen_ai.evaluation.name", "tone"), attribute("gen_ai.evaluation.score.label", "warm")];
  await consumer.send(request(score(0x51, 5n * second, helpful(1)), score(0x52, 0n, tone)));
  await consumer.send(request(span(1, 1, undefined, chat(10, 1))));
  await consumer.send(request(score(0x51, 2n * second, helpful(0))));
  await consumer.send(request(score(0x51, 5n * second, helpful(1))));

  const reader = createProjectReader(store.clickhouse, defaultReadLimits, "p", new AbortController().signal);
  const [{ trace_id } = { trace_id: "" }, ...others] = await store.clickhouse.query<{ trace_id: string }>(
    "SELECT lower(hex(trace_id)) AS trace_id, spans FROM traces FINAL WHERE live",
  );
  expect(others).toEqual([]);
  expect(await readTraceScores(reader, trace_id)).toMatchObject([
    { name: "tone", kind: "category", value: null, label: "warm", comment: "" },
    { name: "helpful", kind: "boolean", value: 1, label: "true", comment: "x".repeat(300) },
  ]);
  expect(await store.clickhouse.query("SELECT name FROM spans FINAL")).toEqual([{ name: "chat" }]);
});

it("a score that says nothing is seen as the span that it is", async () => {
  const empty = { ...span(2, 1, undefined, {}), name: "spanhouse.score", attributes: [] };
  await consumer.send(request(empty), "odd");
  expect(await store.clickhouse.query("SELECT name FROM spans FINAL WHERE project = 'odd'")).toEqual([
    { name: "spanhouse.score" },
  ]);
});
