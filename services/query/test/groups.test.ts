import { formatDollars, parseDollars } from "@spanhouse/schemas/money";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningConsumer, runConsumer } from "../../consumer/test/pipeline/running-consumer.ts";
import { agent, chat, request, second, span, traceIdOf } from "../../consumer/test/pipeline/spans.ts";
import { type TestApi, testQueryApi } from "./query-api.ts";

/** What the real consumer makes of real spans: 24 traces of three users and six conversations. */
let api: TestApi;
let consumer: RunningConsumer;
const traces = 24;
const range = "from=2026-10-05T00:00:00Z&to=2026-10-06T00:00:00Z";

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers as a client without types does
async function ask(path: string): Promise<any> {
  const { status, body } = await api.get(path);
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
}

beforeAll(async () => {
  api = await testQueryApi();
  consumer = await runConsumer(api.clickhouse);
  const spans = Array.from({ length: traces }, (_, i) => i + 1).flatMap((n) => {
    const who = { "user.id": `u${n % 3}`, "gen_ai.conversation.id": `c${n % 6}` };
    const at = BigInt(n) * 61n * second;
    const model = n > 12 ? { "gen_ai.response.model": "gpt-4o-2024-11-20" } : {};
    return [
      // The agent repeats what its calls used; the last call was cut off, the second failed.
      span(
        n,
        1,
        undefined,
        agent({ ...who, "gen_ai.usage.input_tokens": 100 * n, "gen_ai.usage.output_tokens": 20 }),
        at,
      ),
      span(n, 2, 1, { ...chat(60 * n + 7, 13, who), ...model, "gen_ai.response.id": `a${n}` }, at),
      span(n, 3, 1, { ...chat(0, 0, who), ...model, "error.type": "500" }, at, {
        status: { code: 2, message: "no" },
      }),
      span(n, 4, 1, { ...chat(40 * n, 11, who), ...model, "gen_ai.response.id": `b${n}` }, at + 70n * second),
    ];
  });
  await consumer.send(request(...spans));
  await consumer.stop();
});
afterAll(() => api.close());

const money = ["cost", "estimated_cost", "cache_savings", "wasted_cost"] as const;
const counted = ["calls", "input_tokens", "output_tokens", "cache_read_tokens", "reasoning_tokens"] as const;

test.each(["none", "minute", "hour", "day", "month"])(
  "over whole traces metrics by %s are exactly the sum of the traces",
  async (interval) => {
    const { traces: listed } = await ask(`/v1/traces?${range}&limit=200`);
    expect(listed).toHaveLength(traces);
    const { groups } = await ask(
      `/v1/metrics?${range}&measures=${[...money, ...counted].join(",")}&interval=${interval}&time_zone=Asia/Kathmandu`,
    );
    for (const { totals, points } of groups) {
      for (const name of money) {
        const sum = listed.reduce((all: bigint, trace: Record<string, string>) => all + parseDollars(trace[name]!), 0n);
        expect([name, totals[name]]).toEqual([name, formatDollars(sum)]);
        const drawn = points.reduce(
          (all: bigint, point: { values: Record<string, string> }) => all + parseDollars(point.values[name]!),
          0n,
        );
        if (interval !== "none") expect([name, formatDollars(drawn)]).toEqual([name, totals[name]]);
      }
      for (const name of counted) {
        expect([name, totals[name]]).toEqual([
          ...[name, listed.reduce((all: number, trace: Record<string, number>) => all + trace[name]!, 0)],
        ]);
      }
    }
    expect(parseDollars(groups[0].totals.cost)).toBeGreaterThan(0n);
  },
);

test("users and conversations are sums of their traces, ranked and in pages", async () => {
  const { groups } = await ask(`/v1/users?${range}&sort=cost`);
  expect(
    groups.map(({ id, traces: count, conversations }: Record<string, unknown>) => [id, count, conversations]),
  ).toEqual([
    ...[
      ["u0", 8, 2],
      ["u2", 8, 2],
      ["u1", 8, 2],
    ],
  ]);
  const { groups: byMetric } = await ask(`/v1/metrics?${range}&measures=cost&group_by=user_id`);
  expect(
    byMetric.map(({ key, totals }: Record<string, Record<string, string>>) => [key!.user_id, totals!.cost]),
  ).toEqual(groups.map(({ id, cost }: Record<string, string>) => [id, cost]));
  const seen: string[] = [];
  for (let cursor = ""; ; ) {
    const { groups: page, next_cursor } = await ask(`/v1/conversations?${range}&sort=time&limit=4${cursor}`);
    seen.push(...page.map(({ id }: { id: string }) => id));
    if (next_cursor === null) break;
    cursor = `&cursor=${next_cursor}`;
  }
  expect(seen).toEqual(["c0", "c5", "c4", "c3", "c2", "c1"]);
  expect(
    (await ask(`/v1/conversations?${range}&user=u0&containing=C`)).groups.map(({ id }: { id: string }) => id),
  ).toEqual([...["c0", "c3"]]);
});

test("a conversation's lifetime is all of its traces", async () => {
  const whole = await ask("/v1/conversations/c1");
  const { traces: listed } = await ask(`/v1/traces?${range}&conversation=c1`);
  const sum = listed.reduce((all: bigint, { cost }: { cost: string }) => all + parseDollars(cost), 0n);
  expect(whole).toMatchObject({ id: "c1", traces: 4, users: ["u1"], cost: formatDollars(sum) });
  const none = await api.get("/v1/users/nobody");
  expect([none.status, none.body.code]).toEqual([404, "NOT_FOUND"]);
});

test("a returned model that changed shows since when", async () => {
  const { models, precision_seconds } = await ask(`/v1/models?${range}`);
  expect(precision_seconds).toBe(60);
  expect(models).toMatchObject([
    { request_model: "gpt-4o", response_model: "gpt-4o-2024-08-06", first_seen: "2026-10-05T10:01:00Z", calls: 36 },
    { request_model: "gpt-4o", response_model: "gpt-4o-2024-11-20", first_seen: "2026-10-05T10:13:00Z", calls: 36 },
  ]);
  const month = await ask("/v1/models?from=2026-09-20T00:00:00Z&to=2026-10-20T00:00:00Z");
  expect(month).toMatchObject({ precision_seconds: 3600, models: [{ first_seen: "2026-10-05T10:00:00Z" }, {}] });
});

test("an export streams what the list shows, page after page", async () => {
  const { traces: listed } = await ask(`/v1/traces?${range}&limit=200`);
  const lines = (await api.get(`/v1/export/traces?${range}`)).bytes.toString().trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual(listed);
  const csv = await api.get(`/v1/export/traces?${range}&format=csv&user=u1`);
  expect(csv.headers["content-type"]).toBe("text/csv; charset=utf-8");
  const [head, ...rows] = csv.bytes.toString().trimEnd().split("\r\n");
  expect(head).toMatch(/^trace_id,state,name,/);
  expect(rows).toHaveLength(8);
});

test("the tail tells of traces as they end and change, and ends with its client", async () => {
  const now = () => Date.UTC(2026, 9, 5, 10, 26);
  const live = await testQueryApi({}, { clickhouse: api.store.reader, now });
  const url = await live.app.listen({ host: "127.0.0.1", port: 0 });
  const client = new AbortController();
  try {
    const answer = await fetch(`${url}/v1/traces/tail?user=u0`, {
      headers: { authorization: `Bearer ${await live.key("p")}` },
      signal: client.signal,
    });
    expect(answer.headers.get("content-type")).toContain("text/event-stream");
    let text = "";
    const decoder = new TextDecoder();
    for await (const chunk of answer.body!) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      if (text.includes("event: trace")) break;
    }
    const [, data] = /event: trace\ndata: (.*)\n\n/.exec(text)!;
    expect(JSON.parse(data!)).toMatchObject({ trace_id: traceIdOf(24), user_id: "u0", state: "complete" });
  } finally {
    client.abort();
    await live.close();
  }
});

test("an id may be as long as its schema says, and a longer one is told so", async () => {
  const found = await api.get(`/v1/users/${encodeURIComponent("😍".repeat(200))}`);
  expect([found.status, found.body.code]).toEqual([404, "NOT_FOUND"]);
  const long = await api.get(`/v1/users/${"y".repeat(401)}`);
  expect([long.status, long.body.code]).toEqual([400, "INVALID_PARAMETER"]);
});
