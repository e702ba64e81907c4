import type { Comparison } from "@spanhouse/schemas/api/compare";
import { traceIdSchema } from "@spanhouse/schemas/api/values";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import type { Command } from "../command.ts";
import { parseOptions } from "../parse-options.ts";
import { comparisonLines } from "../reading/comparison-lines.ts";
import { paintFor, widthOf } from "../reading/paint.ts";
import { connectionUsage, connectQuery } from "../reading/query-connection.ts";

export const compare: Command = {
  usage: `spanhouse compare TRACE_ID OTHER [--all] [--json]

Two traces with their trees laid on each other: which spans only one has (- the first, + the other), and whose request or answer
differs (~), byte for byte. Exits with 3 where something differs.

  --all         also the spans that are the same in both
  --json        the answer of the query API, on one line

${connectionUsage}`,

  async run(args, context) {
    const { values, positionals } = parseOptions((parseArgs) =>
      parseArgs({
        args: [...args],
        allowPositionals: true,
        options: {
          all: { type: "boolean", default: false },
          json: { type: "boolean", default: false },
          data: { type: "string" },
        },
      }),
    );
    const ids = positionals.map((id) => traceIdSchema.safeParse(id.toLowerCase()).data);
    const [left, right] = ids;
    if (ids.length !== 2 || left === undefined || right === undefined) {
      throw new SpanhouseError(
        "CONFIG",
        `expected two trace ids, 32 hex digits each; got ${JSON.stringify(positionals.join(" "))}`,
      );
    }
    const query = connectQuery(context.environment, values.data);
    const compared = await query.get<Comparison>(`/v1/traces/${left}/compare/${right}`);
    const differing = compared.rows.filter(rowDiffers);
    const shown = { ...compared, rows: values.all ? compared.rows : differing };
    const lines = values.json
      ? [JSON.stringify(compared)]
      : comparisonLines(shown, differing.length, widthOf(context), paintFor(context));
    for (const line of lines) context.print(line);
    return differing.length > 0 || compared.truncated ? 3 : 0;
  },
};

function rowDiffers({ left, right, request, response }: Comparison["rows"][number]): boolean {
  if (left === null || right === null || request === "different" || response === "different") return true;
  return left.outcome !== right.outcome || left.response_model !== right.response_model;
}
