import { dimensions, measures } from "@spanhouse/schemas/api/metrics";
import { createProjectReader, defaultReadLimits } from "@spanhouse/store/readers/project-reader";
import { readSliceCover } from "@spanhouse/store/slices/slice-cover";
import { sliceSource } from "@spanhouse/store/slices/slice-source";
import { foldSql, folds, rollSql } from "@spanhouse/store/slices/slice-sql";
import { sliceKindNames, sliceKinds } from "@spanhouse/store/slices/slices";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { storeSpans, type TestSpan, type Value } from "../../store/test/readers/stored-trace.ts";
import { type TestApi, testNow, testQueryApi } from "./query-api.ts";

const now = BigInt(testNow) * 1_000_000n;
const minute = 60_000_000_000n;

let api: TestApi;
let made = 0;

/** A model call that ended so many minutes ago and took `ms`. */
function call(minutesAgo: number, ms: bigint, columns: Readonly<Record<string, Value>> = {}, project = "p"): TestSpan {
  const end = now - BigInt(minutesAgo) * minute;
  made++;
  return {
    project,
    traceId: made.toString(16).padStart(32, "0"),
    spanId: made.toString(16).padStart(16, "0"),
    start: end - ms * 1_000_000n,
    end,
    columns: {
      ...{ role: "model", usage_state: "exact", input_tokens: 100, output_tokens: 10, price_state: "priced" },
      ...{ cost: { sql: "toDecimal64('0.000000000001', 12)" }, provider: "openai", service: "bot", user_id: "alice" },
      ...columns,
    },
  };
}

beforeAll(async () => {
  api = await testQueryApi();
  await storeSpans(api.clickhouse, [
    call(1, 100n, { cache_read_tokens: 50, time_to_first_chunk_us: 5000 }),
    call(2, 200n, { provider: "anthropic", cost: { sql: "toDecimal64('123456.000000000001', 12)" }, user_id: "bob" }),
    call(2, 300n, {
      outcome: "error",
      error_class: "rate_limit",
      usage_state: "unknown",
      price_state: "unknown_usage",
      cost: 0,
    }),
    call(70, 400n, { attempt: 2, outcome: "refused", refusal: "explicit" }),
    call(3000, 500n, { provider: "mistral_ai", outcome: "truncated" }),
    call(1, 900n, { role: "tool", usage_state: "none", price_state: "none", cost: 0, tool_name: "search" }),
    call(1, 100n, { provider: "secret" }, "q"),
  ]);
  for (const kind of sliceKindNames) await api.clickhouse.command(rollSql(kind, "true", 1));
  // The older hours are folded, so that ranges are answered from all grains.
  for (const kind of sliceKindNames) {
    await api.clickhouse.command(foldSql(kind, folds.hour, "bucket < toDateTime('2026-11-20 11:00:00', 'UTC')"));
    await api.clickhouse.command(foldSql(kind, folds.day, "bucket < toDateTime('2026-11-20 00:00:00', 'UTC')"));
  }
});
afterAll(() => api.close());

const week = "from=2026-11-14T00:00:00Z";

async function metrics(query: string) {
  const { status, body } = await api.get(`/v1/metrics?${query}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
}

test("the API's dimensions are those of the slices, and each measure is in some kind of them", async () => {
  const kept = new Set(sliceKindNames.flatMap((kind) => Object.keys(sliceKinds[kind].dimensions)));
  expect(new Set(dimensions)).toEqual(kept);
  for (const measure of measures) {
    const { groups } = await metrics(`measures=${measure}`);
    expect(Object.keys(groups[0].totals)).toEqual([measure]);
  }
});

test("totals are exact, money to the last digit", async () => {
  const { groups } = await metrics(`${week}&measures=cost,calls,input_tokens,error_rate,retry_rate,priced_coverage`);
  expect(groups).toEqual([
    {
      key: {},
      totals: {
        cost: "123456.000000000004",
        calls: 5,
        input_tokens: 400,
        error_rate: 0.2,
        retry_rate: 0.2,
        priced_coverage: 0.8,
      },
      points: [],
      previous: null,
    },
  ]);
});

test("groups come greatest first, with points by interval", async () => {
  const body = await metrics(`${week}&measures=cost,calls&group_by=provider&interval=day`);
  expect(body).toMatchObject({ interval: "day", group_by: ["provider"], truncated: false });
  expect(body.groups.map((group: { key: unknown; points: unknown }) => [group.key, group.points])).toEqual([
    [{ provider: "anthropic" }, [{ time: "2026-11-20T00:00:00Z", values: { cost: "123456.000000000001", calls: 1 } }]],
    [{ provider: "openai" }, [{ time: "2026-11-20T00:00:00Z", values: { cost: "0.000000000002", calls: 3 } }]],
    [{ provider: "mistral_ai" }, [{ time: "2026-11-18T00:00:00Z", values: { cost: "0.000000000001", calls: 1 } }]],
  ]);
});

test.each(["minute", "hour", "day"])("points of each %s sum to the totals", async (interval) => {
  const { groups } = await metrics(`${week}&measures=calls&group_by=provider&interval=${interval}`);
  for (const { totals, points } of groups) {
    expect(points.reduce((sum: number, { values }: { values: { calls: number } }) => sum + values.calls, 0)).toBe(
      totals.calls,
    );
  }
});

test("ranges that adjoin sum to the whole", async () => {
  const at = ["2026-11-14T00:00:00Z", "2026-11-18T07:30:00Z", "2026-11-20T11:58:00Z", "2026-11-20T12:01:00Z"];
  const parts = await Promise.all(
    at.slice(1).map(async (to, i) => (await metrics(`from=${at[i]}&to=${to}&measures=calls`)).groups[0].totals.calls),
  );
  expect(parts).toEqual([0, 2, 3]);
});

test("groups beyond the limit are left out, and that is said", async () => {
  const body = await metrics(`${week}&measures=cost&group_by=provider&limit=2&interval=hour`);
  expect(body.groups.map(({ key }: { key: { provider: string } }) => key.provider)).toEqual(["anthropic", "openai"]);
  expect(body.truncated).toBe(true);
});

test.each([
  ["filter[provider]=openai", 3],
  ["filter[provider]=openai&filter[provider]=anthropic", 4],
  ["filter[provider]=openai&filter[outcome]=error", 1],
  ["filter[is_retry]=true", 1],
  ["filter[user_id]=bob", 1],
  ["filter[team]=", 5],
  ["filter[provider]=secret", 0],
  [`filter[provider]=${encodeURIComponent("') OR 1=1 --")}`, 0],
  [`filter[user_id]=${encodeURIComponent("\\'] OR [1=1")}`, 0],
  [`filter[service]=bot&filter[service]=${encodeURIComponent("',x\\")}`, 5],
])("%s", async (filter, calls) => {
  expect((await metrics(`${week}&measures=calls&${filter}`)).groups[0].totals.calls).toBe(calls);
});

test("quantiles are of calls alone, by the dimensions of latency; tools have their own", async () => {
  const { groups } = await metrics(
    `${week}&measures=p99_duration_us,p50_time_to_first_chunk_us,mean_duration_us&group_by=service`,
  );
  expect(groups).toHaveLength(1);
  const { totals } = groups[0];
  // Of five values the sketch takes the one before the last.
  expect(totals.p99_duration_us / 400_000).toBeCloseTo(1, 1);
  expect(totals.p50_time_to_first_chunk_us / 5000).toBeCloseTo(1, 1);
  expect(totals.mean_duration_us).toBe(300_000);
  const tools = await metrics(`${week}&measures=calls,p50_duration_us&group_by=tool_name`);
  expect(tools.groups).toMatchObject([{ key: { tool_name: "search" }, totals: { calls: 1 } }]);
});

test("what nothing is known of is null, not zero", async () => {
  const { groups } = await metrics(
    "from=2025-01-01T00:00:00Z&to=2025-01-02T00:00:00Z&measures=calls,error_rate,cache_hit_rate",
  );
  expect(groups[0].totals).toEqual({ calls: 0, error_rate: null, cache_hit_rate: null });
  const latency = await metrics("from=2025-01-01T00:00:00Z&to=2025-01-02T00:00:00Z&measures=p50_duration_us");
  expect(latency.groups[0].totals).toEqual({ p50_duration_us: null });
});

test.each([
  ["", "measures"],
  ["measures=profit", "measures"],
  ["measures=cost,cost", "measures"],
  ["measures=cost&group_by=colour", "group_by"],
  ["measures=cost&filter[colour]=red", "filter[colour]"],
  ["measures=cost&interval=year", "interval"],
  ["measures=cost&time_zone=Mars/Olympus", "time_zone"],
  ["measures=cost&format=xml", "format"],
  ["measures=cost,p50_duration_us", "measures"],
  ["measures=cost&group_by=tool_name", "tool_name with"],
  ["measures=p50_duration_us&group_by=user_id", "user_id with"],
  ["measures=cost&limit=1001", "limit"],
])("%s is a wrong parameter", async (query, named) => {
  const { status, body } = await api.get(`/v1/metrics?${query}`);
  expect({ status, code: body.code }).toEqual({ status: 400, code: "INVALID_PARAMETER" });
  expect(body.detail).toContain(named);
});

test.each(sliceKindNames)("what is read of %s is what its view says of the project", async (kind) => {
  const range = { from: Date.UTC(2026, 10, 18, 9, 30) / 1000, to: Date.UTC(2026, 10, 20, 12, 1) / 1000, project: "p" };
  const column = Object.keys(sliceKinds[kind].dimensions)[0]!;
  const reader = createProjectReader(api.clickhouse, defaultReadLimits, "p", new AbortController().signal);
  for (const grain of ["minute", "hour", "day"] as const) {
    const read = (source: string) =>
      api.clickhouse.queryRows(`SELECT time, ${column}, calls FROM ${source} ORDER BY ALL`, range);
    const view = `(SELECT * FROM ${kind}(from = {from:UInt32}, to = {to:UInt32}, grain = '${grain}') WHERE project = 'p')`;
    const rows = await read(sliceSource(kind, [column, "calls"], await readSliceCover(reader, kind, range, grain)));
    expect(rows.length).toBeGreaterThan(0);
    expect(rows).toEqual(await read(view));
  }
});

test("what groups beyond the limit are together makes the whole", async () => {
  const whole = (await metrics(`${week}&measures=calls,cost&interval=day`)).groups[0];
  const { groups, other } = await metrics(
    `${week}&measures=calls,cost&group_by=provider&limit=1&other=true&interval=day`,
  );
  expect(groups.map(({ key }: { key: unknown }) => key)).toEqual([{ provider: "openai" }]);
  expect(groups[0].totals.calls + other.totals.calls).toBe(whole.totals.calls);
  expect(other).toEqual({
    totals: { calls: 2, cost: "123456.000000000002" },
    points: [
      { time: "2026-11-18T00:00:00Z", values: { calls: 1, cost: "0.000000000001" } },
      { time: "2026-11-20T00:00:00Z", values: { calls: 1, cost: "123456.000000000001" } },
    ],
  });
  const pairs = await metrics(`${week}&measures=calls&group_by=provider,outcome&limit=1&other=true`);
  expect(pairs.groups[0].totals.calls + pairs.other.totals.calls).toBe(5);
  expect((await metrics(`${week}&measures=calls&group_by=provider&other=true`)).other).toBeNull();
});

test("the same groups in the stretch before stand beside", async () => {
  const body = await metrics(
    "from=2026-11-20T11:30:00Z&to=2026-11-20T12:30:00Z&measures=calls,cost,error_rate&group_by=provider&previous=true&interval=hour",
  );
  expect(body.previous).toEqual({ from: "2026-11-20T10:30:00Z", to: "2026-11-20T11:30:00Z" });
  expect(body.groups.map(({ key, totals, previous }: Record<string, unknown>) => [key, totals, previous])).toEqual([
    [
      { provider: "openai" },
      { calls: 2, cost: "0.000000000001", error_rate: 0.5 },
      {
        totals: { calls: 1, cost: "0.000000000001", error_rate: 0 },
        points: [{ time: "2026-11-20T10:00:00Z", values: { calls: 1, cost: "0.000000000001", error_rate: 0 } }],
      },
    ],
    [
      { provider: "anthropic" },
      { calls: 1, cost: "123456.000000000001", error_rate: 0 },
      { totals: { calls: 0, cost: "0.000000000000", error_rate: null }, points: [] },
    ],
  ]);
});

describe("time zones", () => {
  // Either side of midnight in Kolkata (UTC+5:30), Kathmandu (+5:45), Adelaide (+10:30 in summer) and Berlin (+2 in summer).
  const midnights = { "Asia/Kolkata": 1110, "Asia/Kathmandu": 1095, "Australia/Adelaide": 810, "Europe/Berlin": 1320 };
  const day = Date.UTC(2026, 9, 6) / 60_000;

  beforeAll(async () => {
    await storeSpans(
      api.clickhouse,
      Object.values(midnights).flatMap((minutes) =>
        [-1, 0].map((offset) => {
          const end = BigInt(day + minutes + offset) * minute + 1n;
          return { ...call(0, 1n, { provider: "zones" }), start: end - 1n, end };
        }),
      ),
    );
    const old = "bucket < toDateTime('2026-10-20 00:00:00', 'UTC')";
    await api.clickhouse.command(rollSql("spend", "provider = 'zones'", 1));
    await api.clickhouse.command(foldSql("spend", folds.hour, old));
    await api.clickhouse.command(foldSql("spend", folds.day, old));
  });

  test.each(Object.entries(midnights))("a day of %s begins at its midnight", async (zone, minutes) => {
    const { groups, time_zone } = await metrics(
      `from=2026-10-05T00:00:00Z&to=2026-10-09T00:00:00Z&measures=calls&filter[provider]=zones&interval=day&time_zone=${zone}`,
    );
    const begin = new Date((day + minutes) * 60_000).toISOString().replace(".000", "");
    const before = Object.values(midnights).filter((other) => other < minutes).length * 2 + 1;
    const points = groups[0].points.map(({ time, values }: { time: string; values: { calls: number } }) => [
      ...[time, values.calls],
    ]);
    expect(points.find(([time]: [string]) => time === begin)?.[1]).toBe(8 - before);
    expect(points.reduce((sum: number, [, calls]: [string, number]) => sum + calls, 0)).toBe(8);
    // Canonical: Intl spells some names as they were once spelt.
    expect(new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone).toBe(time_zone);
  });

  test("hours of half-hour zones begin at the half hour; weeks and months in their zone", async () => {
    const points = async (interval: string) =>
      (
        await metrics(
          `from=2026-10-05T00:00:00Z&to=2026-10-09T00:00:00Z&measures=calls&filter[provider]=zones&interval=${interval}&time_zone=Asia/Kolkata`,
        )
      ).groups[0].points;
    const hours: readonly { time: string }[] = await points("hour");
    expect(hours.map(({ time }) => time)).toContain("2026-10-06T18:30:00Z");
    for (const { time } of hours) expect(time).toMatch(/:30:00Z$/);
    expect(await points("week")).toEqual([{ time: "2026-10-04T18:30:00Z", values: { calls: 8 } }]);
    expect(await points("month")).toEqual([{ time: "2026-09-30T18:30:00Z", values: { calls: 8 } }]);
  });
});

test("quantiles over more than seven days are of whole UTC days, and that is said", async () => {
  const body = await metrics(
    "from=2026-11-10T07:00:00Z&to=2026-11-20T12:00:00Z&measures=p50_duration_us&interval=hour&time_zone=Asia/Kolkata",
  );
  expect(body).toMatchObject({
    ...{ utc_days: true, interval: "day", time_zone: "UTC" },
    ...{ from: "2026-11-10T00:00:00Z", to: "2026-11-21T00:00:00Z" },
  });
  expect(body.groups[0].points.map(({ time }: { time: string }) => time)).toEqual([
    "2026-11-18T00:00:00Z",
    "2026-11-20T00:00:00Z",
  ]);
  expect((await metrics(`${week}&measures=cost`)).utc_days).toBe(false);
});

test("as CSV, a line a point", async () => {
  const { status, headers, bytes } = await api.get(
    `/v1/metrics?${week}&measures=cost,error_rate&group_by=provider&interval=day&limit=1&other=true&format=csv`,
  );
  expect([status, headers["content-type"]]).toEqual([200, "text/csv; charset=utf-8"]);
  expect(bytes.toString()).toBe(
    [
      "series,time,provider,cost,error_rate",
      "current,2026-11-20T00:00:00Z,anthropic,123456.000000000001,0",
      "other,2026-11-18T00:00:00Z,,0.000000000001,0",
      `other,2026-11-20T00:00:00Z,,0.000000000002,${1 / 3}`,
      "",
    ].join("\r\n"),
  );
});
