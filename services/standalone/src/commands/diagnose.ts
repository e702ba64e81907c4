import type { Diagnosis } from "@spanhouse/schemas/api/diagnosis";
import type { Command } from "../command.ts";
import { findingLines } from "../reading/finding-lines.ts";
import { paintFor, widthOf } from "../reading/paint.ts";
import { connectionUsage, connectQuery } from "../reading/query-connection.ts";
import { traceArguments } from "../reading/trace-argument.ts";

export const diagnose: Command = {
  usage: `spanhouse diagnose TRACE_ID [--json]

What is wrong with a trace, by checks that need no model (docs/guides/diagnosis.md), each with its evidence and a fix.
Exits with 3 where a finding is an error.

  --json        the answer of the query API, on one line

${connectionUsage}`,

  async run(args, context) {
    const { traceId, json, data } = traceArguments(args);
    const diagnosis = await connectQuery(context.environment, data).get<Diagnosis>(`/v1/traces/${traceId}/diagnosis`);
    const lines = json ? [JSON.stringify(diagnosis)] : findingLines(diagnosis, widthOf(context), paintFor(context));
    for (const line of lines) context.print(line);
    return diagnosis.findings.some(({ severity }) => severity === "error") ? 3 : 0;
  },
};
