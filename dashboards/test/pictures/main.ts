import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { chromium } from "playwright-core";
import { findChromium } from "../../../infra/dev/chromium/find-chromium.mjs";
import type { ClickHouseQuery } from "../../src/clickhouse-query.ts";
import { dashboards } from "../../src/dashboards.ts";
import { clickhouseType } from "../../src/data-sources.ts";
import { type FilledServer, shown, startFilledServer } from "../filled-server.ts";
import { panelsOf } from "../grafana-model.ts";
import { expanded } from "../macros.ts";

/**
 * Pictures of the dashboards for docs/images, part of `npm run screenshots`: every panel's query on the real ClickHouse,
 * as Grafana's user, drawn with uPlot. A dashboard that Prometheus answers has none.
 */
const folder = fileURLToPath(new URL("../../../docs/images/", import.meta.url));
const own = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const uplot = (name: string) => createRequire(import.meta.url).resolve(`uplot/dist/${name}`);
const width = 1500;
const fontFile = createRequire(import.meta.url).resolve(
  "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
);
/** Chromium brings none. */
const font = `@font-face { font-family: "Inter"; font-weight: 100 900; src: url(data:font/woff2;base64,${readFileSync(fontFile).toString("base64")}) format("woff2"); }`;

mkdirSync(folder, { recursive: true });
const server = await startFilledServer({ traces: 2500 });
const { executablePath, env } = findChromium();
const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-dev-shm-usage"],
  env: { ...(process.env as Record<string, string>), ...env },
});
try {
  for (const dashboard of dashboards) {
    const panels = await answeredPanels(server, dashboard);
    if (panels.length < panelsOf(dashboard).length) continue;
    const page = await browser.newPage({ viewport: { width, height: 800 } });
    await page.setContent("<!doctype html><title>.</title>");
    await page.addStyleTag({ content: font });
    await page.evaluate("document.fonts.load('12px Inter')");
    for (const path of [uplot("uPlot.min.css"), own("board.css")]) await page.addStyleTag({ path });
    for (const path of [uplot("uPlot.iife.min.js"), own("draw-board.js")]) await page.addScriptTag({ path });
    const board = JSON.stringify({ title: dashboard.title, panels });
    await page.evaluate(`drawBoard(${board})`);
    await page.screenshot({
      path: `${folder}dashboard-${dashboard.uid?.replace("spanhouse-", "")}.png`,
      fullPage: true,
    });
    await page.close();
  }
} finally {
  await browser.close();
  await server.stop();
}

/** What stands in the panels that ask ClickHouse. */
async function answeredPanels({ ask, clickhouse, from, to }: FilledServer, dashboard: Dashboard) {
  const [deepest] = await clickhouse.query<{ id: string }>(
    `SELECT lower(hex(trace_id)) AS id FROM traces FINAL WHERE project = {project:String} AND live AND has_root
     ORDER BY spans DESC, trace_id LIMIT 1`,
    { project: shown },
  );
  const answered = [];
  for (const { type, title, gridPos, targets = [], fieldConfig } of panelsOf(dashboard)) {
    const [query] = targets as unknown as readonly ClickHouseQuery[];
    if (query?.datasource?.type !== clickhouseType) continue;
    const chosen = { trace: [deepest!.id] };
    const answer = await ask(expanded(query.rawSql, { from, to, intervalSeconds: 3600, chosen }));
    const { unit = "short", custom } = (fieldConfig?.defaults ?? {}) as {
      unit?: string;
      custom?: { stacking?: { mode?: string } };
    };
    const units = Object.fromEntries(
      (fieldConfig?.overrides ?? []).flatMap(({ matcher, properties }) =>
        properties.filter(({ id }) => id === "unit").map(({ value }) => [String(matcher.options), String(value)]),
      ),
    );
    const stacked = custom?.stacking?.mode === "normal";
    answered.push({ type, title, place: gridPos, unit, units, stacked, columns: answer.columns, rows: answer.rows });
  }
  return answered;
}
