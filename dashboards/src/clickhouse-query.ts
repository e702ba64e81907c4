import type { Builder, Dataquery } from "@grafana/grafana-foundation-sdk/cog";
import type { DataSourceRef } from "@grafana/grafana-foundation-sdk/common";
import { chosenClickHouse } from "./data-sources.ts";

/** What a query of the ClickHouse plugin 4.x says; `format` is what its backend makes of the rows. */
export interface ClickHouseQuery extends Dataquery {
  readonly datasource: DataSourceRef;
  readonly pluginVersion: string;
  readonly editorType: "sql";
  readonly queryType: QueryShape;
  readonly format: number;
  readonly rawSql: string;
  readonly refId: string;
}

/** The shape in which a panel wants rows. */
export type QueryShape = "table" | "timeseries" | "traces";

const formats = { timeseries: 0, table: 1, traces: 3 } as const satisfies Record<QueryShape, number>;

/** The oldest plugin whose format of queries this is. */
const pluginVersion = "4.0.0";

export function clickhouseQuery(
  rawSql: string,
  queryType: QueryShape,
  { datasource = chosenClickHouse, refId = "A" }: { datasource?: DataSourceRef; refId?: string } = {},
): Builder<Dataquery> {
  const query: ClickHouseQuery = {
    ...{ datasource, pluginVersion, editorType: "sql", queryType, format: formats[queryType], rawSql, refId },
    _implementsDataqueryVariant: () => undefined,
  };
  return { build: () => query };
}
