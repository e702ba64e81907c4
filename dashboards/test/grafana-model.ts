import type { AnnotationQuery, Dashboard, Panel, VariableModel } from "@grafana/grafana-foundation-sdk/dashboard";
import { alertRules } from "../src/alert-rules.ts";
import type { ClickHouseQuery } from "../src/clickhouse-query.ts";
import { clickhouseType } from "../src/data-sources.ts";

export const panelsOf = (dashboard: Dashboard): readonly Panel[] => (dashboard.panels ?? []) as readonly Panel[];
export const variablesOf = (dashboard: Dashboard): readonly VariableModel[] => dashboard.templating?.list ?? [];
export const annotationsOf = (dashboard: Dashboard): readonly AnnotationQuery[] => dashboard.annotations?.list ?? [];

/** A query to ClickHouse and what shows its rows. */
export interface AskedQuery {
  readonly name: string;
  /** A panel's type, or `variable`, `annotation`, `alert`. */
  readonly shownAs: string;
  readonly query: ClickHouseQuery;
  /** Columns that the panel gives a unit or a link, or takes for one. */
  readonly columns: readonly string[];
}

export function clickhouseQueriesOf(dashboard: Dashboard): readonly AskedQuery[] {
  const isClickHouse = (query: unknown) =>
    (query as Partial<ClickHouseQuery> | undefined)?.datasource?.type === clickhouseType;
  const asked = (
    name: string,
    shownAs: string,
    queries: readonly unknown[],
    columns: readonly string[] = [],
  ): readonly AskedQuery[] =>
    queries.filter(isClickHouse).map((query) => ({
      ...{ name: `${dashboard.title}: ${name}`, shownAs, columns },
      query: query as ClickHouseQuery,
    }));
  return [
    ...panelsOf(dashboard).flatMap((panel) =>
      asked(panel.title ?? "", panel.type, panel.targets ?? [], columnsNamed(panel)),
    ),
    ...variablesOf(dashboard).flatMap((one) => asked(one.name, "variable", [one.query])),
    ...annotationsOf(dashboard).flatMap((one) => asked(one.name ?? "", "annotation", [one.target])),
  ];
}

function columnsNamed(panel: Panel): readonly string[] {
  const overridden = (panel.fieldConfig?.overrides ?? []).map(({ matcher }) => String(matcher.options));
  const taken = JSON.stringify(panel).matchAll(/__data\.fields\[\\*"(.*?)\\*"\]/g);
  return [...overridden, ...[...taken].map(([, column]) => column!)];
}

export const alertQueries: readonly AskedQuery[] = alertRules.groups.flatMap(({ rules }) =>
  rules.map(({ title, data: [asked] }) => ({
    ...{ name: `alert: ${title}`, shownAs: "alert", columns: [] },
    query: asked!.model as unknown as ClickHouseQuery,
  })),
);
