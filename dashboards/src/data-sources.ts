import type { DataSourceRef } from "@grafana/grafana-foundation-sdk/common";

/** By the uids of infra/grafana/provisioning/datasources; each dashboard has a variable to choose another one. */
export const clickhouseUid = "spanhouse";
export const prometheusUid = "prometheus";

export const clickhouseType = "grafana-clickhouse-datasource";
export const prometheusType = "prometheus";

export const chosenClickHouse: DataSourceRef = { type: clickhouseType, uid: "${datasource}" };
export const chosenPrometheus: DataSourceRef = { type: prometheusType, uid: "${prometheus}" };
