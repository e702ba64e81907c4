import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { insertRows, storeSpans, storeSummaries, type TestSpan } from "../../store/test/readers/stored-trace.ts";
import { type TestApi, testNow, testQueryApi } from "./query-api.ts";

const minute = 60_000_000_000n;
const now = BigInt(testNow) * 1_000_000n;
const idOf = (number: number) => number.toString(16).padStart(32, "0");
const money = (dollars: string) => ({ sql: `toDecimal64('${dollars}', 12)` });

/** A trace of one span that ended so many minutes ago and took `ms`. */
function trace(number: number, minutesAgo: number, ms: bigint, columns: TestSpan["columns"], texts = ""): TestSpan {
  const end = now - BigInt(minutesAgo) * minute;
  return {
    ...{ project: "p", traceId: idOf(number), spanId: "00000000000000aa", start: end - ms * 1_000_000n, end },
    columns: { name: "t", ...columns },
    ...(texts === "" ? {} : { payload: { request: texts, ...attributes } }),
  };
}

/** Of a vendor that no dialect knows. */
const attributes = {
  attributes: { sql: "map('vendor.run', '7', 'gen_ai.operation.name', 'chat')" },
  resource_attributes: { sql: "map('k8s.pod', 'a=b')" },
};

let api: TestApi;
const list = async (query: string): Promise<readonly number[]> => {
  const { status, body } = await api.get(`/v1/traces?from=2026-11-20T11:50:00Z&${query}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body.traces.map(({ trace_id }: { trace_id: string }) => Number.parseInt(trace_id, 16));
};

beforeAll(async () => {
  api = await testQueryApi();
  await storeSpans(api.clickhouse, [
    trace(
      1,
      5,
      300n,
      {
        ...{ feature: "search", release: "v2", prompt: "answer@3", team: "core", provider: "openai", role: "model" },
        ...{ request_model: "gpt-5", response_model: "gpt-5-mini", operation: "chat", environment: "prod" },
        ...{ usage_state: "exact", input_tokens: 90, output_tokens: 10, price_state: "priced", cost: money("0.25") },
        ...{ time_to_first_chunk_us: 7000, tags: ["vip", "beta"], metadata: { sql: "map('plan', 'gold', 'n', '')" } },
      },
      'The "quick" 100%_fox\n',
    ),
    trace(2, 6, 100n, {
      ...{ outcome: "error", error_class: "rate_limit", operation: "execute_tool", tool_name: "lookup", role: "tool" },
      tags: ["beta"],
    }),
    trace(3, 7, 200n, {
      ...{ outcome: "refused", refusal: "explicit", provider: "anthropic", role: "model", operation: "chat" },
      ...{
        usage_state: "exact",
        input_tokens: 5,
        output_tokens: 5,
        price_state: "priced",
        cost: money("2.000000000001"),
      },
      ...{ time_to_first_chunk_us: 9000, environment: "prod" },
    }),
    { ...trace(4, 8, 100n, {}), parentSpanId: "00000000000000ff" },
  ]);
  await insertRows(api.clickhouse, "open_spans", [
    {
      ...{ project: "p", trace_id: { hex: idOf(2) }, span_id: { hex: "00000000000000bb" }, version: 1, name: "slow" },
      parent_span_id: { hex: "00000000000000aa" },
      start_time: { sql: `fromUnixTimestamp64Nano(${now}, 'UTC')` },
    },
    // Announced, and ended since.
    {
      ...{ project: "p", trace_id: { hex: idOf(3) }, span_id: { hex: "00000000000000aa" }, version: 1, name: "t" },
      parent_span_id: { hex: "0000000000000000" },
      start_time: { sql: `fromUnixTimestamp64Nano(${now}, 'UTC')` },
    },
  ]);
  const score = { project: "p", version: 1, span_id: { hex: "0000000000000000" }, label: "", source: "user" };
  await insertRows(api.clickhouse, "scores", [
    {
      ...score,
      trace_id: { hex: idOf(1) },
      score_id: { hex: "00000000000000c1" },
      name: "helpful",
      kind: "number",
      value: 0.9,
    },
    {
      ...score,
      trace_id: { hex: idOf(2) },
      score_id: { hex: "00000000000000c2" },
      name: "helpful",
      kind: "number",
      value: 0.2,
    },
    {
      ...score,
      trace_id: { hex: idOf(3) },
      score_id: { hex: "00000000000000c3" },
      name: "tone",
      kind: "category",
      value: 0,
    },
    {
      ...score,
      project: "q",
      trace_id: { hex: idOf(4) },
      score_id: { hex: "00000000000000c4" },
      name: "helpful",
      kind: "number",
      value: 1,
    },
  ]);
  await storeSummaries(api.clickhouse);
});
afterAll(() => api.close());

test.each([
  ["feature=search", [1]],
  ["release=v2", [1]],
  ["prompt=answer@3", [1]],
  ["team=core", [1]],
  ["provider=anthropic", [3]],
  ["request_model=gpt-5", [1]],
  ["request_model=gpt-5-mini", []],
  ["response_model=gpt-5-mini", [1]],
  ["operation=chat", [1, 3]],
  ["tool=lookup", [2]],
  ["refusal=explicit", [3]],
  ["error_class=rate_limit", [2]],
  ["tag=beta", [1, 2]],
  ["tag=beta&tag=vip", [1]],
  ["metadata=plan=gold", [1]],
  ["metadata=plan=gold&metadata=n=", [1]],
  ["metadata=plan=silver", []],
  ["metadata=absent=", []],
  ["attribute=vendor.run=7", [1]],
  ["attribute=vendor.run=7&attribute=k8s.pod=a=b", [1]],
  ["attribute=vendor.run=8", []],
  ["attribute=absent=", []],
  ["min_cost=0.25", [1, 3]],
  ["min_cost=0.25&max_cost=2", [1]],
  ["max_cost=2.000000000001&min_cost=2.000000000001", [3]],
  ["min_tokens=100", [1]],
  ["min_tokens=1&max_tokens=10", [3]],
  ["min_duration_us=200000", [1, 3]],
  ["max_duration_us=100000", [2, 4]],
  ["min_time_to_first_chunk_us=1", [1, 3]],
  ["min_time_to_first_chunk_us=1&max_time_to_first_chunk_us=7000", [1]],
  ["score=helpful", [1, 2]],
  ["score=helpful&min_score=0.9", [1]],
  ["max_score=0.5", [2]],
  ["score=tone&score_label=rude", []],
  ["state=open", [2]],
  ["state=complete", [1, 3]],
  ["state=partial", [4]],
  ["text=QUICK", [1]],
  [`text=${encodeURIComponent('"quick" 100%_f')}`, [1]],
  ["text=100_", []],
  ["text=slow", []],
  ["provider=openai&text=fox&metadata=plan=gold", [1]],
  ["sort=cost", [3, 1, 4, 2]],
  ["sort=duration&limit=2", [1, 3]],
  ["sort=tokens&operation=chat", [1, 3]],
])("%s", async (query, expected) => {
  expect(await list(query)).toEqual(expected);
});

test.each([
  "metadata=plan",
  "attribute=x",
  "min_cost=1e3",
  "min_tokens=-1",
  "text=x",
  "sort=colour",
  "state=done",
  "facets=colour",
])("%s is a wrong parameter", async (query) => {
  const path = query.startsWith("facets") ? "/v1/traces/facets" : "/v1/traces";
  const { status, body } = await api.get(`${path}?${query}`);
  expect({ status, code: body.code }).toEqual({ status: 400, code: "INVALID_PARAMETER" });
});

test("text that was superseded finds nothing", async () => {
  await storeSpans(api.clickhouse, [trace(9, 10, 1n, {}, "a secret of old")]);
  await storeSpans(api.clickhouse, [{ ...trace(9, 10, 1n, {}, "blanked"), version: 2n }]);
  await storeSummaries(api.clickhouse);
  expect(await list("text=secret")).toEqual([]);
  expect(await list("text=blanked")).toEqual([9]);
});

describe("counts", () => {
  test("say whether they are all", async () => {
    expect((await api.get("/v1/traces/count?operation=chat")).body).toEqual({
      count: 2,
      bound: 10_000,
      bounded: false,
    });
    expect((await api.get("/v1/traces/count?bound=2&to=2026-11-20T11:56:00Z")).body).toEqual({
      ...{ count: 2, bound: 2, bounded: true },
    });
  });

  test("of facets are under all filters but their own", async () => {
    const { body } = await api.get("/v1/traces/facets?facets=provider,tag,name&environment=prod&provider=openai");
    expect(body.facets).toEqual([
      {
        facet: "provider",
        values: [
          { value: "anthropic", traces: 1 },
          { value: "openai", traces: 1 },
        ],
        truncated: false,
      },
      {
        facet: "tag",
        values: [
          { value: "beta", traces: 1 },
          { value: "vip", traces: 1 },
        ],
        truncated: false,
      },
      { facet: "name", values: [{ value: "t", traces: 1 }], truncated: false },
    ]);
    const { body: some } = await api.get("/v1/traces/facets?facets=provider&limit=1&containing=A");
    expect(some.facets[0]).toEqual({ facet: "provider", values: [{ value: "anthropic", traces: 1 }], truncated: true });
  });

  test("over time are in few steps that cover the range", async () => {
    const { body } = await api.get(
      "/v1/traces/histogram?max_duration_us=400000&min_duration_us=100000&from=2026-11-20T11:50:00Z&to=2026-11-20T12:00:00Z&bars=5",
    );
    expect(body).toEqual({
      ...{ from: "2026-11-20T11:50:00Z", to: "2026-11-20T12:00:00Z", step_seconds: 120 },
      bars: [
        { time: "2026-11-20T11:52:00Z", traces: 2, errors: 0, refusals: 0, cost: "2.000000000001" },
        { time: "2026-11-20T11:54:00Z", traces: 2, errors: 1, refusals: 0, cost: "0.250000000000" },
      ],
    });
  });
});

test("ranked pages hold every trace once while others arrive and go on", async () => {
  const range = "from=2026-11-19T00:00:00Z&to=2026-11-19T12:00:00Z";
  const before = Array.from({ length: 25 }, (_, i) =>
    trace(100 + i, 60 * 26 + i, 10n, { cost: money(`${i % 5}.5`), price_state: "priced" }),
  );
  await storeSpans(api.clickhouse, before);
  await storeSummaries(api.clickhouse);
  const seen: number[] = [];
  let cursor = "";
  for (let page = 0; ; page++) {
    const { status, body } = await api.get(`/v1/traces?${range}&sort=cost&limit=6${cursor}`);
    expect(status, JSON.stringify(body)).toBe(200);
    seen.push(...body.traces.map(({ trace_id }: { trace_id: string }) => Number.parseInt(trace_id, 16)));
    if (body.next_cursor === null) break;
    cursor = `&cursor=${body.next_cursor}`;
    // The cheapest, not shown yet, becomes dearer than all by a span that ends now.
    await storeSpans(api.clickhouse, [
      {
        ...before[page * 5]!,
        ...{ spanId: `00000000000000c${page}`, parentSpanId: "00000000000000aa", end: now + BigInt(page) * minute },
        columns: { cost: money("100"), price_state: "priced" },
      },
    ]);
    await storeSummaries(api.clickhouse);
  }
  expect(seen.toSorted((a, b) => a - b)).toEqual(before.map((_, i) => 100 + i));
});
