import type { Panel } from "@grafana/grafana-foundation-sdk/dashboard";
import { startLocalStack } from "@spanhouse/bench/measure/local-stack";
import { until } from "../../../bench/src/chaos/until.ts";
import type { ClickHouseQuery } from "../../src/clickhouse-query.ts";
import { pipelineHealth } from "../../src/pipeline-health.ts";
import { panelsOf } from "../grafana-model.ts";
import { expanded } from "../macros.ts";
import { type Line, startScrapedDeployment } from "../scraped-deployment.ts";
import { openDrawing, type PanelAnswer } from "./drawing.ts";

/**
 * The picture of pipeline health, part of `npm run screenshots`: three minutes of generated traffic through every service,
 * with a consumer that is restarted and records that nobody can read, scraped by a real Prometheus.
 */
const stack = await startLocalStack();
const { options, clickhouse } = stack.database("spanhouse");
await clickhouse.createDatabase();
const deployment = await startScrapedDeployment({
  ...{ brokers: stack.brokers, clickhouse: options, directory: stack.directory },
});
const drawing = await openDrawing();
try {
  const from = Math.floor(Date.now() / 1000);
  await deployment.trouble();
  await deployment.send({ seed: 1, traces: 2_000, rate: 200 });
  await deployment.trouble();
  await deployment.restartConsumer(() => deployment.send({ seed: 2, traces: 1_500, rate: 400 }));
  await deployment.send({ seed: 3, traces: 2_000, rate: 300 });
  await deployment.trouble();
  // Until the consumer has caught up and rolled up what it wrote.
  const lag = async (at: number) =>
    (await deployment.range("sum(spanhouse_lag_records)", { from: at, to: at, step: 1 }))[0]?.points[0]?.[1];
  await until(
    "no lag, no drift",
    async () => (await lag(Math.floor(Date.now() / 1000))) === 0 && (await drift()) === 0,
  );
  const to = Math.floor(Date.now() / 1000);
  const panels: (readonly [Panel, PanelAnswer])[] = [];
  for (const panel of panelsOf(pipelineHealth)) panels.push([panel, await answerOf(panel, { from, to })]);
  await drawing.draw(pipelineHealth, panels);
} finally {
  await drawing.close();
  await deployment.stop();
  await clickhouse.close();
  await stack.stop();
}

async function drift(): Promise<number> {
  const { targets = [] } = panelsOf(pipelineHealth).find(({ title }) => title === "Drift")!;
  const [{ rawSql }] = targets as unknown as readonly [ClickHouseQuery];
  const to = Math.floor(Date.now() / 1000) + 180;
  const { rows } = await rowsOf(expanded(rawSql, { from: to - 3600, to, intervalSeconds: 60 }));
  return rows.reduce((sum, [, calls]) => sum + Math.abs(Number(calls)), 0);
}

async function answerOf({ targets = [] }: Panel, range: { readonly from: number; readonly to: number }) {
  const [{ rawSql }] = targets as unknown as readonly [Partial<ClickHouseQuery>];
  if (rawSql !== undefined) return rowsOf(expanded(rawSql, { ...range, from: range.from - 300, intervalSeconds: 60 }));
  const rows: unknown[][] = [];
  for (const target of targets) {
    const { expr, legendFormat } = target as unknown as { readonly expr: string; readonly legendFormat: string };
    const lines = await deployment.range(expr.replaceAll("$__rate_interval", "10s"), { ...range, step: 2 });
    for (const line of lines) rows.push(...pointsOf(line, legendFormat));
  }
  const columns = [
    { name: "time", type: "DateTime" },
    { name: "series", type: "String" },
    { name: "Value", type: "Float64" },
  ];
  return { columns, rows };
}

function pointsOf({ labels, points }: Line, legendFormat: string): unknown[][] {
  const legend = legendFormat.replace(/\{\{(\w+)\}\}/g, (_, label: string) => labels[label] ?? "");
  return points.map(([time, value]) => [new Date(time * 1000).toISOString().slice(0, 19), legend, value]);
}

async function rowsOf(sql: string): Promise<PanelAnswer> {
  const query = new URLSearchParams({ database: options.database, default_format: "JSONCompact" });
  const headers = { "x-clickhouse-user": options.username ?? "", "x-clickhouse-key": options.password ?? "" };
  const response = await fetch(`${options.url}/?${query}`, { method: "POST", headers, body: sql });
  const text = await response.text();
  if (!response.ok) throw new Error(text.slice(0, 400));
  const { meta, data } = JSON.parse(text);
  return { columns: meta, rows: data };
}
