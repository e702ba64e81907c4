import type { Dimension, Measure, Metrics } from "@spanhouse/schemas/api/metrics";
import { dimensions } from "@spanhouse/schemas/api/metrics";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import type { Command } from "../command.ts";
import { parseOptions } from "../parse-options.ts";
import { tableLines } from "../table.ts";
import { connectionUsage, connectQuery } from "./query-connection.ts";
import { rangeOptions, rangeParameters, rangeUsage } from "./range-parameters.ts";
import { clipped, dollars, duration, share } from "./units.ts";

interface MetricCommand {
  readonly name: string;
  /** What it shows, as its usage says it. */
  readonly about: string;
  readonly groupBy: Dimension;
  readonly columns: readonly (readonly [title: string, measure: Measure])[];
}

/** A command that shows measures by a dimension, the greatest by the first measure before the others. */
export function metricCommand({ name, about, groupBy, columns }: MetricCommand): Command {
  return {
    usage: `spanhouse ${name} [--by DIMENSION] [--from TIME] [--to TIME] [--filter DIMENSION=VALUE]... [--limit N] [--json]

${about}

  --by          one of, or several with commas: ${dimensions.join(", ")}; default: ${groupBy}
  --filter      of calls that have this value; repeated, of one dimension any of them
  --limit       of groups; default 20
${rangeUsage}
  --json        the answer of the query API, on one line

${connectionUsage}`,

    async run(args, { environment, print }) {
      const { values } = parseOptions((parseArgs) =>
        parseArgs({
          args: [...args],
          options: {
            ...rangeOptions,
            by: { type: "string", default: groupBy },
            filter: { type: "string", multiple: true, default: [] },
            limit: { type: "string", default: "20" },
            json: { type: "boolean", default: false },
            data: { type: "string" },
          },
        }),
      );
      const parameters = {
        ...rangeParameters(values),
        measures: columns.map(([, measure]) => measure).join(","),
        group_by: values.by,
        limit: values.limit,
      };
      const query = new URLSearchParams(values.filter.map(filterOf));
      for (const [key, value] of Object.entries(parameters)) if (value !== undefined) query.append(key, value);
      const metrics = await connectQuery(environment, values.data).get<Metrics>(`/v1/metrics?${query}`);
      for (const line of values.json ? [JSON.stringify(metrics)] : metricLines(metrics, columns)) print(line);
      return 0;
    },
  };
}

function filterOf(text: string): [string, string] {
  const at = text.indexOf("=");
  const dimension = dimensions.find((one) => one === text.slice(0, at));
  if (dimension !== undefined) return [`filter[${dimension}]`, text.slice(at + 1)];
  throw new SpanhouseError("CONFIG", `--filter: expected DIMENSION=VALUE; got ${JSON.stringify(text)}`);
}

export function metricLines({ groups, group_by, truncated }: Metrics, columns: MetricCommand["columns"]): string[] {
  if (groups.length === 0) return ["no calls"];
  const rows = groups.map(({ key, totals }) => [
    ...group_by.map((dimension) => clipped(key[dimension] || "-", 48)),
    ...columns.map(([, measure]) => shown(measure, totals[measure] ?? null)),
  ]);
  const lines = tableLines([...group_by, ...columns.map(([title]) => title)], rows);
  return truncated ? [...lines, "… and more: --limit shows them"] : lines;
}

function shown(measure: Measure, value: string | number | null): string | number {
  if (value === null) return "-";
  if (typeof value === "string") return dollars(value);
  if (measure.endsWith("_us")) return duration(value);
  return measure.endsWith("_rate") || measure === "priced_coverage" ? share(value) : value;
}
