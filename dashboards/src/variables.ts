import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  type VariableModel,
  VariableRefresh,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { clickhouseQuery } from "./clickhouse-query.ts";
import { chosenClickHouse, clickhouseType, clickhouseUid, prometheusType, prometheusUid } from "./data-sources.ts";
import { chosen, type SliceView, slices } from "./slice-query.ts";

export const viewerVariable = new TextBoxVariableBuilder("viewer")
  .label("Viewer")
  .description("Address of Spanhouse's viewer, which links lead to.")
  .defaultValue("http://localhost:7070")
  .current({ text: "http://localhost:7070", value: "http://localhost:7070" });

export const clickhouseVariable = dataSource("datasource", "Data source", clickhouseType, clickhouseUid);
export const prometheusVariable = dataSource("prometheus", "Prometheus", prometheusType, prometheusUid);

function dataSource(name: string, label: string, type: string, uid: string): Builder<VariableModel> {
  return new DatasourceVariableBuilder(name).label(label).type(type).current({ text: uid, value: uid });
}

/** A variable a dimension, each listing what the ones before it leave, and All. */
export function chainedVariables(view: SliceView, columns: readonly string[]): Builder<VariableModel>[] {
  return columns.map((column, index) => {
    const before = columns.slice(0, index);
    const where = [`${column} != ''`, ...(before.length > 0 ? [chosen(...before)] : [])].join(" AND ");
    return queryVariable(column, `SELECT DISTINCT ${column} FROM ${slices(view)} WHERE ${where} ORDER BY ${column}`)
      .label(column.replaceAll("_", " "))
      .multi(true)
      .includeAll(true)
      .current({ text: "All", value: "$__all" });
  });
}

/** Without what a variable of intervals alone has, which the builders say of each. */
export function ofSchema(variable: VariableModel): VariableModel {
  const { auto: _auto, auto_min: _least, auto_count: _count, ...rest } = variable;
  return rest;
}

export function queryVariable(name: string, sql: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .datasource(chosenClickHouse)
    .query({ ...clickhouseQuery(sql, "table", { refId: name }).build() })
    .refresh(VariableRefresh.OnTimeRangeChanged);
}
