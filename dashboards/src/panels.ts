import type { Builder, Dataquery } from "@grafana/grafana-foundation-sdk/cog";
import {
  DashboardLinkType,
  type DynamicConfigValue,
  FieldColorModeId,
  type Panel,
  PanelBuilder,
  ThresholdsMode,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { clickhouseQuery } from "./clickhouse-query.ts";
import { chosenClickHouse, chosenPrometheus } from "./data-sources.ts";

/** What every panel says of itself. */
export interface PanelText {
  readonly title: string;
  /** What is shown, of which spans, and what is not in it. */
  readonly description: string;
  /** Grafana's id of a unit, of columns that name none of their own. */
  readonly unit: string;
  /** Of 24 columns. */
  readonly width?: number;
  readonly height?: number;
  /** Yellow from the first, red from the second. */
  readonly thresholds?: readonly [number, number];
  /** Units of columns that differ from the panel's. */
  readonly units?: Readonly<Record<string, string>>;
  /** Where the panel leads in the viewer; `/traces` where nothing else is named. */
  readonly link?: string;
}

export type Board = readonly (readonly PanelShape[])[];

/** A panel without its place. */
export interface PanelShape {
  readonly width: number;
  readonly height: number;
  panel(id: number, x: number, y: number): Panel;
}

/** One row of numbers, each a value with its name. */
export const stat = (text: PanelText & { readonly sql: string }): PanelShape =>
  shape(
    "stat",
    [clickhouseQuery(text.sql, "table")],
    text,
    { width: 6, height: 4 },
    {
      reduceOptions: { calcs: ["lastNotNull"], values: false, fields: "" },
      ...{ orientation: "auto", textMode: "value_and_name", wideLayout: true, graphMode: "none" },
      colorMode: text.thresholds ? "value" : "none",
      justifyMode: "auto",
    },
  );

/** A line for each number column, and each value of a text column; the first column is the time. */
export const series = (text: PanelText & { readonly sql: string; readonly stacked?: boolean }): PanelShape =>
  shape("timeseries", [clickhouseQuery(text.sql, "timeseries")], text, { width: 12, height: 8 }, legend, {
    ...(text.stacked
      ? { drawStyle: "bars", fillOpacity: 70, lineWidth: 0, stacking: { mode: "normal", group: "A" } }
      : { drawStyle: "line", fillOpacity: 0, lineWidth: 1, spanNulls: false, showPoints: "auto" }),
  });

export const table = (text: PanelText & { readonly sql: string; readonly links?: ColumnLinks }): PanelShape =>
  shape(
    "table",
    [clickhouseQuery(text.sql, "table")],
    text,
    { width: 12, height: 8 },
    {
      ...{ showHeader: true, cellHeight: "sm" },
    },
  );

/** Columns named by the upper bounds of their buckets, in order. */
export const heatmap = (text: PanelText & { readonly sql: string }): PanelShape =>
  shape(
    "heatmap",
    [clickhouseQuery(text.sql, "timeseries")],
    text,
    { width: 12, height: 8 },
    {
      calculate: false,
      rowsFrame: { layout: "le", value: "Calls" },
      yAxis: { unit: text.unit, axisPlacement: "left" },
      color: { mode: "scheme", scheme: "Oranges", steps: 64, exponent: 0.5, fill: "dark-orange", reverse: false },
      cellGap: 1,
      cellValues: { unit: "short" },
      filterValues: { le: 1e-9 },
      legend: { show: true },
      tooltip: { mode: "single", yHistogram: false },
      exemplars: { color: "rgba(255,0,255,0.7)" },
      showValue: "never",
    },
  );

/** Grafana's waterfall of one trace. */
export const trace = (text: PanelText & { readonly sql: string }): PanelShape =>
  shape("traces", [clickhouseQuery(text.sql, "traces")], text, { width: 24, height: 16 }, {});

export interface PromSeries {
  readonly expr: string;
  readonly legend: string;
}

export const promSeries = (text: PanelText & { readonly of: readonly PromSeries[] }): PanelShape =>
  shape(
    "timeseries",
    text.of.map(({ expr, legend: legendFormat }, index) =>
      promQuery(expr, legendFormat, String.fromCharCode(65 + index)),
    ),
    text,
    { width: 8, height: 7 },
    legend,
    { drawStyle: "line", fillOpacity: 0, lineWidth: 1, spanNulls: false, showPoints: "auto" },
    chosenPrometheus,
  );

interface PromQuery extends Dataquery {
  readonly refId: string;
}

function promQuery(expr: string, legendFormat: string, refId: string): Builder<Dataquery> {
  const query: PromQuery = {
    ...{ datasource: chosenPrometheus, expr, legendFormat, refId, range: true, editorMode: "code" },
    _implementsDataqueryVariant: () => undefined,
  };
  return { build: () => query };
}

/** Column → address, in which `${__data.fields["Name"]}` is a value of the row. */
export type ColumnLinks = Readonly<Record<string, { readonly title: string; readonly url: string }>>;

const legend = {
  legend: { displayMode: "table", placement: "bottom", showLegend: true, calcs: ["mean", "max"] },
  tooltip: { mode: "multi", sort: "desc" },
};

function shape(
  type: string,
  queries: readonly Builder<Dataquery>[],
  text: PanelText & { readonly links?: ColumnLinks },
  size: { readonly width: number; readonly height: number },
  options: object,
  custom: object = {},
  datasource = chosenClickHouse,
): PanelShape {
  const { width = size.width, height = size.height } = text;
  return {
    width,
    height,
    panel(id, x, y) {
      const builder = new PanelBuilder()
        .type(type)
        .id(id)
        .title(text.title)
        .description(text.description)
        .datasource(datasource)
        .gridPos({ x, y, w: width, h: height })
        .targets([...queries])
        .unit(text.unit)
        .noValue("no data")
        .options(options)
        .custom(custom)
        .colorScheme({
          build: () => ({ mode: text.thresholds ? FieldColorModeId.Thresholds : FieldColorModeId.PaletteClassic }),
        })
        .thresholds({ build: () => ({ mode: ThresholdsMode.Absolute, steps: steps(text.thresholds) }) })
        .links([{ build: () => panelLink(text.link ?? "/traces") }]);
      for (const [column, unit] of Object.entries(text.units ?? {}))
        builder.overrideByName(column, [{ id: "unit", value: unit }]);
      for (const [column, link] of Object.entries(text.links ?? {}))
        builder.overrideByName(column, [linkProperty(link)]);
      return builder.build();
    },
  };
}

function steps(thresholds: readonly [number, number] | undefined) {
  const [warning, critical] = thresholds ?? [];
  return [
    { value: null, color: "green" },
    ...(warning === undefined ? [] : [{ value: warning, color: "yellow" }]),
    ...(critical === undefined ? [] : [{ value: critical, color: "red" }]),
  ];
}

const linkProperty = (link: { readonly title: string; readonly url: string }): DynamicConfigValue => ({
  id: "links",
  value: [{ ...link, targetBlank: true }],
});

function panelLink(path: string) {
  return {
    ...{ title: "Open in Spanhouse", type: DashboardLinkType.Link, icon: "external link", tooltip: "", tags: [] },
    ...{ url: `\${viewer}${path}`, asDropdown: false, targetBlank: true, includeVars: false, keepTime: false },
  };
}
