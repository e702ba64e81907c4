import type { Dashboard, Panel } from "@grafana/grafana-foundation-sdk/dashboard";
import type { ClickHouseQuery } from "../../src/clickhouse-query.ts";
import { dashboards } from "../../src/dashboards.ts";
import { clickhouseType } from "../../src/data-sources.ts";
import { type FilledServer, shown, startFilledServer } from "../filled-server.ts";
import { panelsOf } from "../grafana-model.ts";
import { expanded } from "../macros.ts";
import { openDrawing, type PanelAnswer } from "./drawing.ts";

/**
 * Pictures of the dashboards for docs/images, part of `npm run screenshots`: every panel's query on the real ClickHouse,
 * as Grafana's user, drawn with uPlot. The one that Prometheus answers is pipeline-health.ts'.
 */
const server = await startFilledServer({ traces: 2500 });
const drawing = await openDrawing();
try {
  for (const dashboard of dashboards) {
    const panels = await answeredPanels(server, dashboard);
    if (panels.length === panelsOf(dashboard).length) await drawing.draw(dashboard, panels);
  }
} finally {
  await drawing.close();
  await server.stop();
}

/** What stands in the panels that ask ClickHouse. */
async function answeredPanels({ ask, clickhouse, from, to }: FilledServer, dashboard: Dashboard) {
  const [deepest] = await clickhouse.query<{ id: string }>(
    `SELECT lower(hex(trace_id)) AS id FROM traces FINAL WHERE project = {project:String} AND live AND has_root
     ORDER BY spans DESC, trace_id LIMIT 1`,
    { project: shown },
  );
  const answered: (readonly [Panel, PanelAnswer])[] = [];
  for (const panel of panelsOf(dashboard)) {
    const [query] = (panel.targets ?? []) as unknown as readonly ClickHouseQuery[];
    if (query?.datasource?.type !== clickhouseType) continue;
    const chosen = { trace: [deepest!.id] };
    const { columns, rows } = await ask(expanded(query.rawSql, { from, to, intervalSeconds: 3600, chosen }));
    answered.push([panel, { columns, rows }]);
  }
  return answered;
}
