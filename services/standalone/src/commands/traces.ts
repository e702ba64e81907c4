import type { TraceList } from "@spanhouse/schemas/api/traces";
import type { Command } from "../command.ts";
import { parseOptions } from "../parse-options.ts";
import { connectionUsage, connectQuery } from "../reading/query-connection.ts";
import { rangeOptions, rangeParameters, rangeUsage } from "../reading/range-parameters.ts";
import { traceFilterOptions, traceFilters, traceFilterUsage } from "../reading/trace-filter-options.ts";
import { traceLines } from "../reading/trace-table.ts";

export const traces: Command = {
  usage: `spanhouse traces [--sort time|cost|duration|tokens] [--from TIME] [--to TIME] [FILTERS] [--limit N] [--json]

Traces, the newest or greatest first.

${traceFilterUsage}
  --limit       at most 200; default 20
${rangeUsage}
  --json        a line for each trace, as the query API has it

${connectionUsage}`,

  async run(args, { environment, print }) {
    const { values } = parseOptions((parseArgs) =>
      parseArgs({
        args: [...args],
        options: {
          ...traceFilterOptions,
          ...rangeOptions,
          sort: { type: "string" },
          limit: { type: "string", default: "20" },
          json: { type: "boolean", default: false },
          data: { type: "string" },
        },
      }),
    );
    const { sort, limit } = values;
    const parameters = { ...traceFilters(values), ...rangeParameters(values), sort, limit };
    const list = await connectQuery(environment, values.data).get<TraceList>("/v1/traces", parameters);
    const lines = values.json ? list.traces.map((trace) => JSON.stringify(trace)) : traceLines(list.traces);
    for (const line of lines) print(line);
    if (!values.json && list.next_cursor !== null) print("… and more: --limit, a shorter time or a filter");
    return 0;
  },
};
