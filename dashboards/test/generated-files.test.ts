import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { dashboards } from "../src/dashboards.ts";
import { clickhouseUid, prometheusUid } from "../src/data-sources.ts";
import { generatedFiles } from "../src/generated-files.ts";
import { annotationsOf, panelsOf, variablesOf } from "./grafana-model.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string) => readFileSync(join(root, path), "utf8");

/** What Grafana fills in itself. */
const builtIn = /^(__|timeFilter|interval)/;

test("what is checked in is what the files beside it say: npm run dashboards", () => {
  const files = generatedFiles();
  for (const [path, text] of files) expect(read(path), path).toBe(text);
  const kept = readdirSync(join(root, "dashboards/json")).map((name) => `dashboards/json/${name}`);
  expect(kept.sort()).toEqual([...files.keys()].filter((path) => path.endsWith(".json")).sort());
});

test("dashboards have addresses and titles of their own", () => {
  for (const of of [dashboards.map(({ uid }) => uid), dashboards.map(({ title }) => title)])
    expect(new Set(of).size).toBe(dashboards.length);
});

test.each(dashboards.map((one) => [one.title!, JSON.parse(JSON.stringify(one)) as Dashboard] as const))(
  "%s: ids, places, words, variables and data sources",
  (_, dashboard) => {
    const panels = panelsOf(dashboard);
    expect(panels.length).toBeGreaterThan(1);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const taken = new Map<string, string>();
    for (const { title = "", gridPos } of panels) {
      const { x, y, w, h } = gridPos!;
      expect(x + w, title).toBeLessThanOrEqual(24);
      for (let column = x; column < x + w; column++)
        for (let row = y; row < y + h; row++) {
          expect(taken.get(`${column} ${row}`), `${title} overlaps`).toBeUndefined();
          taken.set(`${column} ${row}`, title);
        }
    }
    for (const panel of panels) {
      const { title = "", description = "", fieldConfig, links = [], targets = [] } = panel;
      expect(title).not.toBe("");
      expect(description.length, title).toBeGreaterThan(20);
      expect(fieldConfig?.defaults.unit, title).toBeTruthy();
      expect(fieldConfig?.defaults.thresholds?.steps[0], title).toEqual({ value: null, color: "green" });
      expect(links.length, title).toBeGreaterThan(0);
      expect(new Set(targets.map((target) => (target as { refId?: string }).refId)).size, title).toBe(targets.length);
    }

    const names = variablesOf(dashboard).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const sources = variablesOf(dashboard).filter(({ type }) => type === "datasource");
    const known = new Set(sources.map(({ name }) => `\${${name}}`));
    expect(
      sources.map(({ current }) => current?.value).every((uid) => [clickhouseUid, prometheusUid].includes(String(uid))),
    ).toBe(true);
    for (const { name, datasource, targets = [] } of [
      ...panels.map(({ title = "", datasource, targets }) => ({ name: title, datasource, targets: targets ?? [] })),
      ...variablesOf(dashboard)
        .filter(({ type }) => type === "query")
        .map((one) => ({ name: one.name, datasource: one.datasource, targets: [one.query] })),
      ...annotationsOf(dashboard).map((one) => ({
        name: one.name ?? "",
        datasource: one.datasource,
        targets: [one.target],
      })),
    ]) {
      expect(known, name).toContain(datasource?.uid);
      for (const target of targets) expect((target as { datasource?: unknown }).datasource, name).toEqual(datasource);
    }

    // Every name with a dollar is a variable here, one before it where variables are chained, or Grafana's own.
    const named = (text: string) =>
      [...text.matchAll(/\$(?:\{(\w+)[^}]*\}|(\w+))/g)]
        .map((match) => match[1] ?? match[2]!)
        .filter((name) => !builtIn.test(name));
    for (const name of named(JSON.stringify(dashboard))) expect(names).toContain(name);
    for (const [index, { query }] of variablesOf(dashboard).entries())
      for (const name of named(JSON.stringify(query ?? ""))) expect(names.slice(0, index), name).toContain(name);
    for (const name of names.filter((one) => !["viewer"].includes(one)))
      expect(named(JSON.stringify([panels, variablesOf(dashboard)])), `${name} is used`).toContain(name);
  },
);

test("links lead to dashboards that there are, or into the viewer", () => {
  const uids = dashboards.map(({ uid }) => uid);
  const urls = [...JSON.stringify(dashboards).matchAll(/"url":"((?:[^"\\]|\\.)*)"/g)].map(([, url]) => url!);
  expect(urls.length).toBeGreaterThan(40);
  for (const url of urls.filter((one) => one !== "")) {
    const uid = /^\/d\/([\w-]+)/.exec(url)?.[1];
    if (uid !== undefined) expect(uids).toContain(uid);
    else expect(url).toMatch(/^\$\{viewer\}\/(traces|users|settings)(\/|$)/);
  }
});

test("alert rules are whole: a query, a threshold on it, a time they wait, a dashboard they lead to", () => {
  const { groups } = parse(read("infra/grafana/provisioning/alerting/spanhouse.yaml"));
  const rules = groups.flatMap((group: { rules: unknown[] }) => group.rules);
  expect(new Set(rules.map(({ uid }: { uid: string }) => uid)).size).toBe(rules.length);
  for (const rule of rules) {
    const [asked, threshold] = rule.data;
    expect(asked.datasourceUid, rule.title).toBe(clickhouseUid);
    expect(asked.relativeTimeRange.from, rule.title).toBeGreaterThan(asked.relativeTimeRange.to);
    expect(threshold).toMatchObject({ refId: rule.condition, model: { type: "threshold", expression: asked.refId } });
    expect(rule.for, rule.title).toMatch(/^\d+[sm]$/);
    expect(dashboards.map(({ uid }) => uid)).toContain(rule.annotations.__dashboardUid__);
    const columns = asked.model.rawSql;
    for (const [, label] of rule.annotations.summary.matchAll(/\$labels\.(\w+)/g)) expect(columns).toContain(label);
  }
});
