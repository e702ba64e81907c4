import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { testBrokers } from "../../infra/kafka/test-brokers.ts";
import { type TestClickHouse, testClickHouse } from "../../services/store/test/test-clickhouse.ts";
import { pipelineHealth } from "../src/pipeline-health.ts";
import { panelsOf } from "./grafana-model.ts";
import { type ScrapedDeployment, startScrapedDeployment } from "./scraped-deployment.ts";

/** Pipeline health as an operator sees it: a real Prometheus over every service, by the configuration of the repository. */
let directory: string;
let store: TestClickHouse;
let deployment: ScrapedDeployment;
let began: number;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "spanhouse scraped "));
  store = await testClickHouse({ migrated: false });
  const { url, writer } = inject("clickhouse");
  const clickhouse = { url, ...writer, database: store.database };
  await store.clickhouse.createDatabase();
  deployment = await startScrapedDeployment({ brokers: await testBrokers(), clickhouse, directory });
  began = Date.now() / 1000;
  await deployment.trouble();
  await deployment.send({ seed: 4, traces: 300, rate: 100 });
  await deployment.trouble();
}, 180_000);
afterAll(async () => {
  await deployment?.stop();
  await store?.drop();
  rmSync(directory, { recursive: true, force: true });
});

test("every service is scraped", async () => {
  const up = async () => {
    const { result } = await deployment.prometheus<{ result: { metric: { job: string }; value: [number, string] }[] }>(
      "query?query=up",
    );
    return result.map(({ metric, value }) => `${metric.job} ${value[1]}`).sort();
  };
  const jobs = ["alerts", "consumer", "gateway", "query"].map((service) => `spanhouse-${service} 1`);
  await expect.poll(up, { timeout: 30_000 }).toEqual(jobs);
});

const queries = panelsOf(pipelineHealth).flatMap(({ title = "", targets = [] }) =>
  targets.flatMap((target) => {
    const { expr, legendFormat = "" } = target as { readonly expr?: string; readonly legendFormat?: string };
    return expr === undefined ? [] : [{ title, expr, legendFormat }];
  }),
);

test.each(queries)(
  "$title, $legendFormat: there is a number, and its legend's labels",
  async ({ expr, legendFormat }) => {
    const asked = expr.replaceAll("$__rate_interval", "10s");
    const lines = async () => {
      const all = await deployment.range(asked, { from: began, to: Date.now() / 1000, step: 1 });
      return all.filter(({ points }) => points.some(([, value]) => value !== null));
    };
    await expect.poll(async () => (await lines()).length, { timeout: 30_000 }).toBeGreaterThan(0);
    for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
      for (const { labels } of await lines()) expect(labels[label!], label).toBeTruthy();
  },
);

test("every rule is evaluated, and none of it fails", async () => {
  interface Rule {
    readonly name: string;
    readonly health: string;
    readonly lastError?: string;
  }
  const rules = async () =>
    (await deployment.prometheus<{ groups: { rules: Rule[] }[] }>("rules")).groups.flatMap((group) => group.rules);
  await expect
    .poll(async () => (await rules()).map(({ name, health, lastError = "" }) => `${name} ${health}${lastError}`), {
      timeout: 30_000,
    })
    .toEqual((await rules()).map(({ name }) => `${name} ok`));
  expect((await rules()).length).toBeGreaterThan(5);
});
