import { readFileSync } from "node:fs";
import { createConsumerMetrics } from "@spanhouse/consumer/metrics";
import { createGatewayMetrics } from "@spanhouse/gateway/metrics";
import { createQueryMetrics } from "@spanhouse/query/metrics";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { parse } from "yaml";

const root = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");

test("docs/operations/metrics.md lists what the services expose, with types and labels, and nothing else", async () => {
  const registry = new Registry();
  createConsumerMetrics(registry, async () => new Map());
  createGatewayMetrics(registry).observeInflight(() => 0);
  createQueryMetrics(registry);
  const exposed = registry.getMetricsAsArray().map((metric) => {
    const { name, type, labelNames } = metric as unknown as {
      readonly name: string;
      readonly type: string;
      readonly labelNames: readonly string[];
    };
    return [name, type, labelNames.filter((label) => label !== "le").join(", ")];
  });
  const rows = read("docs/operations/metrics.md").matchAll(/^\| `(spanhouse_\w+)` +\| (\w+) +\| ([^|]*?) +\|/gm);
  const listed = Array.from(rows, ([, name, type, labels]) => [name, type, labels!.replaceAll("`", "").trim()]);
  expect(listed.sort()).toEqual(exposed.sort());
});

test("every alert leads to its section of the runbooks, and every section is an alert's", () => {
  const { groups } = parse(read("infra/prometheus/spanhouse.rules.yml")) as {
    readonly groups: ReadonlyArray<{
      readonly rules: ReadonlyArray<{ readonly alert: string; readonly annotations: Record<string, string> }>;
    }>;
  };
  const rules = groups.flatMap((group) => group.rules);
  const page = read("docs/operations/runbooks.md");
  const sections = page.split(/^## /m).slice(1);
  for (const { alert, annotations } of rules) {
    expect(annotations.runbook_url).toBe(`docs/operations/runbooks.md#${alert.toLowerCase()}`);
    const section = sections.find((one) => one.startsWith(`${alert}\n`));
    for (const part of ["**Means**", "**Look**", "**Do**"]) expect(section, alert).toContain(part);
  }
  expect(sections).toHaveLength(rules.length);
});
