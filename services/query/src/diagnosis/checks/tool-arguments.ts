import { type Check, words } from "../finding.ts";
import { schemaFault } from "../json-schema.ts";
import { calledTools, plain } from "../message-texts.ts";

/** A tool called with arguments that its own schema forbids, or that was not offered. */
export const toolArguments: Check = ({ calls }) =>
  calls
    .filter(({ said, facts }) => said.tools.length > 0 && facts.outcome !== "truncated" && facts.outcome !== "aborted")
    .flatMap((call) =>
      calledTools(call.said).flatMap(({ name, arguments: given }) => {
        const tool = call.said.tools.find((one) => one.name === name);
        const fault =
          tool === undefined
            ? call.said.tools.every(({ type }) => type === "function" || type === "custom")
              ? "no tool of that name was offered"
              : undefined
            : argumentsFault(tool, given);
        if (fault === undefined) return [];
        return [
          {
            severity: "error" as const,
            span_id: call.facts.span_id,
            evidence: words(call, "response", tool === undefined ? name : plain(given)),
            says: `The call of ${name} does not fit its schema: ${fault}`,
            fix: "Check the arguments before the tool runs and give the model the fault; strict mode of the provider forbids it.",
          },
        ];
      }),
    );

function argumentsFault(tool: { readonly type: string; readonly parameters?: unknown }, given: unknown) {
  if (tool.type === "custom" || tool.parameters === undefined) return undefined;
  if (typeof given !== "string") return schemaFault(tool.parameters, given ?? {});
  return given === "" ? schemaFault(tool.parameters, {}) : "the arguments are not JSON";
}
