import { createClickHouse } from "@spanhouse/store/clickhouse";
import { defaultReadLimits } from "@spanhouse/store/readers/project-reader";
import { untraced } from "@spanhouse/tracing/tracing";
import { pino } from "pino";
import { Registry } from "prom-client";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createQueryApi } from "../src/app.ts";
import { createQueryMetrics } from "../src/metrics.ts";
import { type TestApi, testQueryApi } from "./query-api.ts";

let api: TestApi;
const routes = ["/v1/traces", `/v1/traces/${"1".repeat(32)}`, "/v1/metrics?measures=cost"];

beforeAll(async () => {
  api = await testQueryApi({ rows: 10_000 });
  await api.clickhouse.command(
    `INSERT INTO traces (project, bucket, trace_id, rank, live)
     SELECT 'p', toDateTime('2026-11-20 11:59:00', 'UTC'), toFixedString(toString(number), 16), 1, true FROM numbers(20000)`,
  );
});
afterAll(() => api.close());

test("a query past its limit is refused", async () => {
  const { status, body, headers } = await api.get("/v1/traces");
  expect({ status, code: body.code }).toEqual({ status: 422, code: "QUERY_TOO_EXPENSIVE" });
  expect(headers["content-type"]).toBe("application/problem+json");
});

test("a key is needed, known and of scope read", async () => {
  for (const url of routes) {
    const without = await api.app.inject({ url });
    expect([without.statusCode, without.json().code]).toEqual([401, "KEY_MISSING"]);
    expect(without.headers["www-authenticate"]).toBe("Bearer");
    const unknown = await api.get(url, `sh_r_${"A".repeat(43)}`);
    expect([unknown.status, unknown.body.code]).toEqual([401, "KEY_UNKNOWN"]);
    const ingest = await api.get(url, await api.key("p", "ingest"));
    expect([ingest.status, ingest.body.code]).toEqual([403, "KEY_SCOPE"]);
  }
});

test("the reading user can write nothing", async () => {
  await expect(api.store.reader.command("INSERT INTO traces (project) VALUES ('p')")).rejects.toThrow(
    /readonly|privileges/i,
  );
});

test("health, metrics and routes that are not", async () => {
  expect((await api.app.inject("/health/live")).json()).toEqual({ status: "live" });
  expect((await api.app.inject("/health/ready")).json()).toEqual({ status: "ready" });
  const metrics = (await api.app.inject("/metrics")).body;
  expect(metrics).toContain('spanhouse_query_request_seconds_count{route="/v1/traces",status="422"}');
  const missing = await api.get("/v2/traces");
  expect([missing.status, missing.body.code]).toEqual([404, "NOT_FOUND"]);
});

test("without ClickHouse the answer is 503 and says so", async () => {
  const clickhouse = createClickHouse({ url: "http://127.0.0.1:9", database: "none" });
  const app = createQueryApi({
    clickhouse,
    keys: { authenticate: async () => ({ kind: "granted", project: "p", scopes: ["read"], keyId: "k" }) },
    limits: defaultReadLimits,
    metrics: createQueryMetrics(new Registry()),
    tracer: untraced(),
    log: pino({ level: "silent" }),
  });
  try {
    for (const url of [...routes, "/health/ready"]) {
      const answer = await app.inject({ url });
      expect([url, answer.statusCode, answer.json().code]).toEqual([url, 503, "STORE_UNAVAILABLE"]);
      expect(answer.headers["retry-after"]).toBe("1");
    }
    expect((await app.inject("/health/live")).statusCode).toBe(200);
  } finally {
    await app.close();
    await clickhouse.close();
  }
});

test("a query ends in ClickHouse when its client goes", async () => {
  const { reader } = api.store;
  const slow: typeof reader = {
    ...reader,
    queryRows: (_sql, params, options) =>
      reader.queryRows(
        "SELECT sleepEachRow(1) FROM numbers(20) SETTINGS max_block_size = 1 -- abandoned\n",
        params,
        options,
      ),
  };
  const app = createQueryApi({
    clickhouse: slow,
    keys: { authenticate: async () => ({ kind: "granted", project: "p", scopes: ["read"], keyId: "k" }) },
    limits: defaultReadLimits,
    metrics: createQueryMetrics(new Registry()),
    tracer: untraced(),
    log: pino({ level: "silent" }),
  });
  const running = async () =>
    (await api.clickhouse.queryRows<[string]>("SELECT query FROM system.processes")).filter(([sql]) =>
      sql.includes("-- abandoned"),
    ).length;
  try {
    const address = await app.listen({ host: "127.0.0.1", port: 0 });
    const client = new AbortController();
    const asked = fetch(`${address}/v1/traces`, { signal: client.signal }).catch((error: unknown) => error);
    await vi.waitFor(async () => expect(await running()).toBe(1), { timeout: 10_000 });
    client.abort();
    await asked;
    await vi.waitFor(async () => expect(await running()).toBe(0), { timeout: 10_000 });
  } finally {
    await app.close();
  }
});
