/** What a dashboard is opened with. Times are Unix seconds. */
export interface Opened {
  readonly from: number;
  readonly to: number;
  readonly intervalSeconds: number;
  /** Chosen values by variable; a variable that is not here stands on All. */
  readonly chosen?: Readonly<Record<string, readonly string[]>>;
}

const plain = { fromTime: "from", toTime: "to" } as const;

/**
 * A query as ClickHouse gets it: first the variables and `$__conditionalAll`, as Grafana and the plugin replace them in
 * the browser, then the macros of the plugin's server side (4.x), of which only these are used. Throws where something is
 * left that nobody replaces, as in an alert rule, which no browser has seen.
 */
export function expanded(sql: string, { from, to, intervalSeconds, chosen = {} }: Opened): string {
  const times = { from, to };
  const conditional = /\$__conditionalAll\(((?:[^()]|\([^()]*\))*), \$(\w+)\)/g;
  const text = sql
    .replaceAll(conditional, (_, condition: string, name: string) => (chosen[name] ? condition : "1=1"))
    .replaceAll(/\$\{(\w+):singlequote\}/g, (_, name: string) => quoted(chosen[name] ?? []))
    .replaceAll(/\$\{(\w+)\}/g, (_, name: string) => (chosen[name] ?? []).join(","))
    .replaceAll(/\$__(fromTime|toTime)\b/g, (_, name: keyof typeof plain) => `toDateTime(${times[plain[name]]})`)
    .replaceAll("$__interval_s", String(Math.max(1, Math.floor(intervalSeconds))));
  if (text.includes("$")) throw new Error(`nobody replaces ${text.slice(text.indexOf("$"), text.indexOf("$") + 40)}`);
  return text;
}

/** Grafana's format `singlequote`. */
const quoted = (values: readonly string[]) => values.map((value) => `'${value.replaceAll("'", "\\'")}'`).join(",");
