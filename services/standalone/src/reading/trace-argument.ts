import { traceIdSchema } from "@spanhouse/schemas/api/values";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { parseOptions } from "../parse-options.ts";

/** The arguments of a command on one trace. Throws CONFIG for what is no trace id. */
export function traceArguments(args: readonly string[]) {
  const { values, positionals } = parseOptions((parseArgs) =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: "boolean", default: false }, data: { type: "string" } },
    }),
  );
  const traceId = traceIdSchema.safeParse(positionals[0]?.toLowerCase());
  if (traceId.success && positionals.length === 1) return { ...values, traceId: traceId.data };
  throw new SpanhouseError(
    "CONFIG",
    `expected one trace id, 32 hex digits; got ${JSON.stringify(positionals.join(" "))}`,
  );
}
