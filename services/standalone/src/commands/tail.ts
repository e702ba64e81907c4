import type { TraceSummary } from "@spanhouse/schemas/api/traces";
import type { Command } from "../command.ts";
import { parseOptions } from "../parse-options.ts";
import { eventsOf } from "../reading/event-stream.ts";
import { connectionUsage, connectQuery } from "../reading/query-connection.ts";
import { traceFilterOptions, traceFilters, traceFilterUsage } from "../reading/trace-filter-options.ts";
import { traceLine } from "../reading/trace-table.ts";

export const tail: Command = {
  usage: `spanhouse tail [FILTERS] [--json]

Traces as they end and change, until Ctrl-C; one that changed comes again.

${traceFilterUsage}
  --json        a line for each trace, as the query API has it

${connectionUsage}`,

  async run(args, { environment, signal, print }) {
    const { values } = parseOptions((parseArgs) =>
      parseArgs({
        args: [...args],
        options: { ...traceFilterOptions, json: { type: "boolean", default: false }, data: { type: "string" } },
      }),
    );
    try {
      const stream = await connectQuery(environment, values.data).stream(
        "/v1/traces/tail",
        traceFilters(values),
        signal,
      );
      for await (const data of eventsOf(stream)) {
        print(values.json ? data : traceLine(JSON.parse(data) as TraceSummary));
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    return 0;
  },
};
