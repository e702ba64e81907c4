import { type Score, writeScores } from "@spanhouse/store/scores";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestApi, testNow, testQueryApi } from "./query-api.ts";

const traceId = "7".repeat(32);
const minute = 60_000_000_000n;
const noon = ((BigInt(testNow) * 1_000_000n) / minute) * minute;

function score(id: number, over: Partial<Score>): Score {
  return {
    ...{ project: "p", traceId, scoreId: id.toString(16).padStart(16, "0"), spanId: "", name: "helpful" },
    ...{ kind: "number", value: 0, label: "", comment: "", source: "user", userId: "" },
    ...{ environment: "", service: "", release: "", givenAt: noon, contentHash: 1, instance: "", sequence: 0 },
    ...over,
  };
}

let api: TestApi;
beforeAll(async () => {
  api = await testQueryApi();
  await writeScores(api.clickhouse, [
    score(1, { value: 0.5, spanId: "00000000000000aa", comment: "so so", userId: "u1" }),
    score(2, { value: 1, givenAt: noon - 90n * minute }),
    score(3, { kind: "category", name: "tone", label: "warm" }),
    score(4, { kind: "category", name: "tone", label: "cold", source: "reviewer" }),
    score(5, { kind: "category", name: "tone", label: "warm" }),
    score(6, { kind: "boolean", name: "kept", value: 1, label: "true" }),
    score(7, { project: "other" }),
    score(8, { value: 100, givenAt: noon - 3n * 1440n * minute, traceId: "8".repeat(32) }),
  ]);
});
afterAll(() => api.close());

test("scores of a trace by time, of its own project alone", async () => {
  const { status, body } = await api.get(`/v1/traces/${traceId}/scores`);
  expect(status).toBe(200);
  expect(body.scores.map(({ id }: { id: string }) => Number(id))).toEqual([2, 1, 3, 4, 5, 6]);
  expect(body.scores[1]).toEqual({
    ...{ id: "0000000000000001", span_id: "00000000000000aa", name: "helpful", kind: "number", value: 0.5 },
    ...{ label: "", comment: "so so", source: "user", user_id: "u1", time: "2026-11-20T12:00:00.000000000Z" },
  });
  expect(body.scores[2]).toMatchObject({ span_id: null, value: null, label: "warm" });
});

test("scores as a metric: counts, averages, shares by label, by time", async () => {
  const { body } = await api.get("/v1/scores?interval=hour");
  expect(body.scores).toEqual([
    {
      ...{ name: "tone", kind: "category", count: 3, average: null },
      labels: [
        { label: "warm", count: 2, share: 2 / 3 },
        { label: "cold", count: 1, share: 1 / 3 },
      ],
      points: [{ time: "2026-11-20T12:00:00Z", count: 3, average: null }],
    },
    {
      ...{ name: "helpful", kind: "number", count: 2, average: 0.75, labels: [] },
      points: [
        { time: "2026-11-20T10:00:00Z", count: 1, average: 1 },
        { time: "2026-11-20T12:00:00Z", count: 1, average: 0.5 },
      ],
    },
    {
      ...{ name: "kept", kind: "boolean", count: 1, average: 1, labels: [{ label: "true", count: 1, share: 1 }] },
      points: [{ time: "2026-11-20T12:00:00Z", count: 1, average: 1 }],
    },
  ]);
});

test("of one name, one source and one range", async () => {
  const { body } = await api.get("/v1/scores?name=tone&source=reviewer&to=2026-11-20T12:01:00Z");
  expect(body.scores).toMatchObject([{ name: "tone", count: 1, labels: [{ label: "cold", share: 1 }], points: [] }]);
  expect((await api.get("/v1/scores?interval=year")).status).toBe(400);
});
