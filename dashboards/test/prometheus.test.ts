import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createAlertsMetrics } from "@spanhouse/alerts/metrics";
import { createConsumerMetrics } from "@spanhouse/consumer/metrics";
import { createGatewayMetrics } from "@spanhouse/gateway/metrics";
import { createQueryMetrics } from "@spanhouse/query/metrics";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { pipelineHealth } from "../src/pipeline-health.ts";
import { panelsOf } from "./grafana-model.ts";

const folder = fileURLToPath(new URL("../../infra/prometheus/", import.meta.url));
const read = (name: string) => parse(readFileSync(join(folder, name), "utf8"));

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}
const rules: readonly Rule[] = read("spanhouse.rules.yml").groups.flatMap((group: { rules: Rule[] }) => group.rules);

const panels = panelsOf(pipelineHealth).flatMap(({ title = "", targets = [] }) =>
  targets.flatMap((target) => {
    const { expr } = target as { readonly expr?: string };
    return expr === undefined ? [] : [{ name: title, expr }];
  }),
);
const asked = [...panels, ...rules.map(({ alert, expr }) => ({ name: alert, expr }))];

/** Of every service, as Prometheus sees them: a histogram is three series. */
async function seriesOfServices(): Promise<ReadonlySet<string>> {
  const registry = new Registry();
  createConsumerMetrics(registry, async () => new Map());
  createGatewayMetrics(registry).observeInflight(() => 0);
  createQueryMetrics(registry);
  createAlertsMetrics(registry);
  const metrics = await registry.getMetricsAsJSON();
  return new Set(
    metrics.flatMap(({ name, type }) =>
      String(type) === "histogram" ? ["bucket", "count", "sum"].map((part) => `${name}_${part}`) : [name],
    ),
  );
}

test("every series that a panel or an alert asks for is one of a service", async () => {
  const series = await seriesOfServices();
  expect(asked.length).toBeGreaterThan(20);
  for (const { name, expr } of asked) {
    const named = expr.match(/\bspanhouse_\w+|\bup\b/g) ?? [];
    expect(named.length, name).toBeGreaterThan(0);
    for (const one of named.filter((metric) => metric !== "up")) expect(series, name).toContain(one);
  }
});

test("every alert says what is wrong and how bad it is, and has a test of its own", () => {
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  const tested = read("spanhouse.rules.test.yml").tests.flatMap(
    (one: { alert_rule_test: { alertname: string; exp_alerts?: unknown[] }[] }) =>
      one.alert_rule_test.filter(({ exp_alerts: fires }) => fires !== undefined).map(({ alertname }) => alertname),
  );
  for (const { alert, labels, annotations } of rules) {
    expect(["warning", "critical"], alert).toContain(labels.severity);
    expect(annotations.summary?.length, alert).toBeGreaterThan(20);
  }
  expect([...new Set(tested)].sort()).toEqual(rules.map(({ alert }) => alert).sort());
});

if (process.env.SPANHOUSE_TEST_FULL) {
  test.each([
    ["check", "config", "prometheus.yml"],
    ["test", "rules", "spanhouse.rules.test.yml"],
  ])("promtool %s %s %s", (...args) => promtool(args));

  test("promtool reads what panels ask", () => {
    const scratch = mkdtempSync(join(tmpdir(), "spanhouse-rules-"));
    const file = join(scratch, "panels.json");
    const recorded = panels.map(({ expr }, index) => ({
      record: `panel:${index}`,
      expr: expr.replaceAll("$__rate_interval", "1m"),
    }));
    writeFileSync(file, JSON.stringify({ groups: [{ name: "panels", rules: recorded }] }));
    try {
      promtool(["check", "rules", file]);
    } finally {
      rmSync(scratch, { recursive: true });
    }
  });
}

function promtool(args: readonly string[]) {
  const { error, status, stdout, stderr } = spawnSync("promtool", args, { cwd: folder, encoding: "utf8" });
  if (error)
    throw new Error(
      `promtool does not start (${error.message}): install it, on Debian with apt-get install prometheus`,
    );
  expect(status, `${stdout}${stderr}`).toBe(0);
}
