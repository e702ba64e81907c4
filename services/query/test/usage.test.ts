import { createProjectLimits, noLimits } from "@spanhouse/store/limits/project-limits";
import { createQuotaUsage } from "@spanhouse/store/limits/quota-usage";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestApi, testQueryApi } from "./query-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await testQueryApi({}, { usualLimits: { ...noLimits, spansPerSecond: 200 } });
});
afterAll(() => api.close());

test("what of its limits a project has used, of all gateways, and of no other project", async () => {
  const month = { from: "2026-11-01T00:00:00Z", to: "2026-12-01T00:00:00Z" };
  const none = { traces_limit: null, traces_used: 0, traces_left: null, spans_accepted: 0, bytes_accepted: 0 };
  const rates = { spans_per_second_limit: 200, bytes_per_second_limit: null };
  expect((await api.get("/v1/usage")).body).toEqual({ month: { ...month, ...none }, ...rates });

  await createProjectLimits(api.clickhouse).set("p", { ...noLimits, tracesPerMonth: 10 });
  const usage = createQuotaUsage(api.clickhouse);
  const of = (gateway: string, traces: string[], spans: number, project = "p") =>
    usage.report([{ ...{ project, month: "2026-11-01", gateway, traces, spans }, bytes: spans * 1_000 }]);
  await of("a", ["1", "2", "3"], 7);
  // A report that was repeated, and a trace that came by two gateways.
  await of("a", ["1", "2", "3"], 7);
  await of("a", [], 9);
  await of("b", ["3", "4"], 2);
  await of("b", ["5", "6", "7"], 90, "q");
  expect((await api.get("/v1/usage")).body).toEqual({
    month: { ...month, traces_limit: 10, traces_used: 4, traces_left: 6, spans_accepted: 11, bytes_accepted: 11_000 },
    spans_per_second_limit: null,
    bytes_per_second_limit: null,
  });
});

test("without limits nothing is counted, which is not zero", async () => {
  const { body } = await api.get("/v1/usage", await api.key("other"));
  expect(body.month.traces_used).toBe(0);
  await createProjectLimits(api.clickhouse).set("unlimited", noLimits);
  const { month } = (await api.get("/v1/usage", await api.key("unlimited"))).body;
  expect(month).toMatchObject({ traces_limit: null, traces_used: null, traces_left: null, spans_accepted: null });
});
