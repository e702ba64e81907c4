import type { TraceDetail } from "@spanhouse/schemas/api/traces";
import type { Command } from "../command.ts";
import { paintFor, widthOf } from "../reading/paint.ts";
import { connectionUsage, connectQuery } from "../reading/query-connection.ts";
import { traceArguments } from "../reading/trace-argument.ts";
import { outcomeText } from "../reading/trace-table.ts";
import { clipped, dollars, duration, moment } from "../reading/units.ts";
import { waterfallLines } from "../reading/waterfall.ts";

export const trace: Command = {
  usage: `spanhouse trace TRACE_ID [--json]

A trace as a waterfall: its spans under their parents, where they lie in time, what they took and cost, and how those ended
that did not end well. As wide as the terminal (COLUMNS elsewhere); NO_COLOR=1 for no colours.

  --json        the answer of the query API, on one line: the first page of its spans

${connectionUsage}`,

  async run(args, context) {
    const { traceId, json, data } = traceArguments(args);
    const { environment, print } = context;
    const detail = await connectQuery(environment, data).get<TraceDetail>(`/v1/traces/${traceId}`);
    if (json) {
      print(JSON.stringify(detail));
      return 0;
    }
    const { trace: summary, spans, tree_size } = detail;
    const { name, user_id, calls, input_tokens, output_tokens, duration_us, cost, start_time } = summary;
    const width = widthOf(context);
    print(clipped(`${name}  ${traceId}${user_id === "" ? "" : `  user ${user_id}`}`, width));
    const figures = [
      moment(start_time),
      duration(duration_us),
      `${calls} calls`,
      `${input_tokens + output_tokens} tokens`,
    ];
    print([...figures, dollars(cost), outcomeText(summary)].join("  "));
    print("");
    for (const line of waterfallLines(spans, width, paintFor(context))) print(line);
    if (spans.length < tree_size) print(`… ${tree_size - spans.length} more spans: the viewer shows them all`);
    return 0;
  },
};
