import type { modelChangesSchema } from "@spanhouse/schemas/api/groups";
import type { z } from "zod";
import type { Command } from "../command.ts";
import { parseOptions } from "../parse-options.ts";
import { connectionUsage, connectQuery } from "../reading/query-connection.ts";
import { rangeOptions, rangeParameters } from "../reading/range-parameters.ts";
import { dollars, moment, visible } from "../reading/units.ts";
import { tableLines } from "../table.ts";

type ModelChanges = z.infer<typeof modelChangesSchema>;

export const models: Command = {
  usage: `spanhouse models [--from TIME] [--to TIME] [--json]

Which models answered for those that were asked for, and when each was first and last seen: Tuesday's bug, Monday's model.

  --from, --to  half-open, UTC: 2026-10, 2026-10-31 or 2026-10-31T12:00; default: the last thirty days
  --json        the answer of the query API, on one line

${connectionUsage}`,

  async run(args, { environment, print }) {
    const { values } = parseOptions((parseArgs) =>
      parseArgs({
        args: [...args],
        options: { ...rangeOptions, json: { type: "boolean", default: false }, data: { type: "string" } },
      }),
    );
    const changes = await connectQuery(environment, values.data).get<ModelChanges>(
      "/v1/models",
      rangeParameters(values),
    );
    for (const line of values.json ? [JSON.stringify(changes)] : linesOf(changes)) print(line);
    return 0;
  },
};

function linesOf({ models: seen, truncated }: ModelChanges): string[] {
  if (seen.length === 0) return ["no calls"];
  const rows = seen.map(({ provider, request_model, response_model, first_seen, last_seen, calls, errors, cost }) => [
    ...[visible(provider) || "-", visible(request_model) || "-", visible(response_model) || "-"],
    ...[moment(first_seen), moment(last_seen), calls, errors, dollars(cost)],
  ]);
  const lines = tableLines(
    ["provider", "asked for", "answered", "first seen", "last seen", "calls", "errors", "cost"],
    rows,
  );
  return truncated ? [...lines, "… and more: a shorter time shows them"] : lines;
}
