import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  type AnnotationQuery,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  type VariableModel,
} from "@grafana/grafana-foundation-sdk/dashboard";
import type { Board } from "./panels.ts";
import { ofSchema } from "./variables.ts";

export interface DashboardText {
  /** Its address in Grafana, and the name of its file. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** How far back it looks when it is opened. */
  readonly from: string;
  readonly variables: readonly Builder<VariableModel>[];
  readonly annotations?: readonly Builder<AnnotationQuery>[];
  /** Rows of panels, each as high as its highest. */
  readonly board: Board;
}

export const tag = "spanhouse";

/** Times are UTC, as the days and months of spend are. Ids are given in the order of reading. */
export function dashboard({
  uid,
  title,
  description,
  from,
  variables,
  annotations = [],
  board,
}: DashboardText): Dashboard {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([tag])
    .timezone("utc")
    .time({ from, to: "now" })
    .refresh("1m")
    .tooltip(DashboardCursorSync.Crosshair)
    .variables(variables.map((one) => ({ build: () => ofSchema(one.build()) })))
    .annotations([...annotations])
    .link(
      new DashboardLinkBuilder("Spanhouse")
        .type(DashboardLinkType.Dashboards)
        .tags([tag])
        .asDropdown(true)
        .includeVars(true)
        .keepTime(true),
    )
    .editable();
  let [id, y] = [1, 0];
  for (const row of board) {
    let x = 0;
    for (const { width, panel } of row) {
      const placed = panel(id++, x, y);
      builder.withPanel({ build: () => placed });
      x += width;
    }
    y += Math.max(...row.map(({ height }) => height));
  }
  return builder.build();
}
