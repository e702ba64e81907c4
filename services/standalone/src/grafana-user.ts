import { createHash } from "node:crypto";
import { stringLiteral } from "@spanhouse/store/sql-literal";

/** A value as it stands in the file, or the variable of ClickHouse's environment that holds it. */
export type Given = { readonly text: string } | { readonly variable: string };

export interface GrafanaUser {
  /** Letters, digits, `_` and `-`. */
  readonly name: string;
  readonly password: Given;
  readonly database: string;
  /** The condition over `project` that every row which the user reads fulfils. */
  readonly rows: Given;
}

/** Tables that dashboards read. Texts of calls (span_payloads), keys and rules are not among them. */
const tables = [
  "spans",
  "open_spans",
  "trace_buckets",
  "traces",
  "rollup_minute",
  "rollup_hour",
  "rollup_day",
  "scores",
  "deliveries",
  "statements",
  "statement_lines",
] as const;
const views = ["spend", "latency", "tools", "usage"] as const;

/** What one query of a dashboard may take. A query can ask for less, never for more, and never for no limit. */
const limits = { max_execution_time: 30, max_memory_usage: 2 * 1024 ** 3, max_rows_to_read: 200_000_000 } as const;

export const rowsOfProjects = (projects: readonly string[]): string =>
  `project IN (${projects.map(stringLiteral).join(", ")})`;

/**
 * A user who reads the rows of some projects and nothing else, as a file of ClickHouse's `users.d`. Views ask with the
 * rights of who asks them, so that the row policies of the tables hold in them too.
 */
export function grafanaUserXml({ name, password, database, rows }: GrafanaUser): string {
  const setting = ([key, value]: [string, number]) => `      <${key}>${value}</${key}>`;
  const constraint = ([key, value]: [string, number]) => `        <${key}><min>1</min><max>${value}</max></${key}>`;
  const secret =
    "text" in password
      ? `<password_sha256_hex>${createHash("sha256").update(password.text).digest("hex")}</password_sha256_hex>`
      : `<password from_env="${password.variable}"/>`;
  const filter = "text" in rows ? `<filter>${escaped(rows.text)}</filter>` : `<filter from_env="${rows.variable}"/>`;
  return `<!-- Reads the rows of some projects, for Grafana: docs/guides/grafana.md. Written by spanhouse grafana-user. -->
<clickhouse>
  <profiles>
    <${name}>
      <!-- 2: the plugin sets its own time limit, within the constraints. -->
      <readonly>2</readonly>
${Object.entries(limits).map(setting).join("\n")}
      <cancel_http_readonly_queries_on_client_close>1</cancel_http_readonly_queries_on_client_close>
      <constraints>
${Object.entries(limits).map(constraint).join("\n")}
      </constraints>
    </${name}>
  </profiles>
  <users>
    <${name}>
      ${secret}
      <networks><ip>::/0</ip></networks>
      <profile>${name}</profile>
      <quota>default</quota>
      <databases>
        <${database}>
${tables.map((table) => `          <${table}>${filter}</${table}>`).join("\n")}
        </${database}>
      </databases>
      <grants>
${[...tables, ...views].map((readable) => `        <query>GRANT SELECT ON ${database}.${readable}</query>`).join("\n")}
      </grants>
    </${name}>
  </users>
</clickhouse>
`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
