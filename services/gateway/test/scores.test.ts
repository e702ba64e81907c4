import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import { toModel } from "@spanhouse/schemas/otlp/to-model";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createFakePublisher } from "./fake-publisher.ts";
import { type TestGateway, testGateway, traceId } from "./test-gateway.ts";

const publisher = createFakePublisher();
let gateway: TestGateway;
beforeAll(async () => {
  gateway = await testGateway(publisher);
});
afterAll(() => gateway.close());
beforeEach(() => {
  publisher.records.length = 0;
});

interface Answer {
  readonly id?: string;
  readonly code?: string;
}
const jsonOf = async (answer: Response) => (await answer.json()) as Answer;

const post = (body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${gateway.url}/v1/scores`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": "ingest", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

function publishedSpan() {
  const [record] = publisher.records;
  const outcome = decodeTraces(record!.value);
  if (outcome.kind === "failed") throw new Error(outcome.message);
  const span = toModel(outcome.traces).resourceSpans[0]!.scopeSpans[0]!.spans[0]!;
  return {
    key: record!.key,
    project: record!.headers["spanhouse-project"],
    ...span,
    attributes: Object.fromEntries(
      (span.attributes ?? []).map(({ key, value }) => [key, "value" in value ? value.value : undefined]),
    ),
  };
}

test("a score is acknowledged once its control span is in the span log, under its trace's key", async () => {
  const answer = await post({
    ...{ trace_id: traceId(7), span_id: "00000000000000aa", id: "review-1", name: "helpful", value: true },
    ...{ comment: "Yes.", source: "user", user_id: "u1", time: "2026-11-20T12:00:00.5Z" },
  });
  expect(answer.status).toBe(200);
  const body = await jsonOf(answer);
  // printf review-1 | sha256sum
  expect(body).toEqual({ trace_id: traceId(7), id: "19f365a951850359" });
  expect(publishedSpan()).toMatchObject({
    ...{ key: traceId(7), project: "shop", traceId: traceId(7), spanId: body.id!, parentSpanId: "00000000000000aa" },
    ...{ name: "spanhouse.score", endTimeUnixNano: 1_795_176_000_500_000_000n },
    attributes: {
      "gen_ai.evaluation.name": "helpful",
      "gen_ai.evaluation.score.value": 1,
      "gen_ai.evaluation.score.label": "true",
      "gen_ai.evaluation.explanation": "Yes.",
      "spanhouse.score.source": "user",
      "user.id": "u1",
    },
  });
});

test("without an id every score is another", async () => {
  const ids = await Promise.all(
    [1, 2].map(async () => (await jsonOf(await post({ trace_id: traceId(7), name: "tone", value: "warm" }))).id),
  );
  expect(new Set(ids).size).toBe(2);
});

test("what the span log has not taken is not acknowledged", async () => {
  publisher.answers.push({ kind: "unavailable", message: "down", retryAfterSeconds: 3 });
  const answer = await post({ trace_id: traceId(7), name: "tone", value: 0.5 });
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "3"]);
  expect(await answer.json()).toMatchObject({ code: "BUS_UNAVAILABLE" });
});

test.each([
  ["no JSON", "{", 400, "INVALID_PARAMETER"],
  ["no trace", { name: "tone", value: 1 }, 400, "INVALID_PARAMETER"],
  ["no value", { trace_id: traceId(7), name: "tone" }, 400, "INVALID_PARAMETER"],
  ["a field that is none", { trace_id: traceId(7), name: "tone", value: 1, valeu: 1 }, 400, "INVALID_PARAMETER"],
  ["too long", { trace_id: traceId(7), name: "tone", value: 1, comment: "x".repeat(70_000) }, 413, "BODY_TOO_LARGE"],
])("%s is refused and published nowhere", async (_, body, status, code) => {
  const answer = await post(body);
  expect([answer.status, (await jsonOf(answer)).code]).toEqual([status, code]);
  expect(publisher.records).toEqual([]);
});

test("a score needs a key that may write, and JSON", async () => {
  const score = { trace_id: traceId(7), name: "tone", value: 1 };
  expect((await post(score, { "x-api-key": "read" })).status).toBe(403);
  expect((await post(score, { "content-type": "application/x-protobuf" })).status).toBe(415);
  expect(publisher.records).toEqual([]);
});
