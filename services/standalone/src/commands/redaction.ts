import { checkedPolicy } from "@spanhouse/gateway/redaction/check-policy";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { createRedactionPolicies, type RedactionPolicy } from "@spanhouse/store/redaction-policies";
import type { Command } from "../command.ts";
import { deploymentUsage, openDeployment } from "../deployment.ts";
import { parseOptions } from "../parse-options.ts";
import { visible } from "../reading/units.ts";
import { tableLines } from "../table.ts";

export const redaction: Command = {
  usage: `spanhouse redaction list [--json]
spanhouse redaction set --project NAME [--patterns email,phone,card,secret] [--custom REGEX]… [--content keep|hash|drop] [--json]

What gateways take out of a project's texts before anything of them is published, in place of what they did so far; without
options, nothing. Expressions are RE2's. Usage, price and outcome stay right: docs/guides/redaction.md.

  --json  a line for each project

${deploymentUsage}`,

  async run(args, { environment, print }) {
    const { values, positionals } = parseOptions((parseArgs) =>
      parseArgs({
        args: [...args],
        allowPositionals: true,
        options: {
          project: { type: "string", default: "default" },
          patterns: { type: "string", default: "" },
          custom: { type: "string", multiple: true, default: [] },
          content: { type: "string", default: "keep" },
          json: { type: "boolean", default: false },
          data: { type: "string" },
        },
      }),
    );
    const policy = checkedPolicy(values.patterns.split(",").filter(Boolean), values.custom, values.content);
    const [action] = positionals;
    const deployment = await openDeployment(environment, values.data);
    try {
      const policies = createRedactionPolicies(deployment.clickhouse);
      switch (action) {
        case "set":
          await policies.set(values.project, policy);
          for (const line of policyLines([[values.project, policy]], values.json)) print(line);
          return 0;
        case "list":
          for (const line of policyLines([...(await policies.all())], values.json)) print(line);
          return 0;
        default:
          throw new SpanhouseError("CONFIG", `expected list or set; got ${JSON.stringify(action ?? "")}`);
      }
    } finally {
      await deployment.close();
    }
  },
};

function policyLines(known: readonly (readonly [project: string, policy: RedactionPolicy])[], json: boolean) {
  if (json) return known.map(([project, own]) => JSON.stringify({ project, ...own }));
  if (known.length === 0) return ["No project has texts taken out."];
  return tableLines(
    ["project", "patterns", "custom", "content"],
    known.map(([project, { patterns, custom, content }]) => [
      ...[visible(project), patterns.join(",") || "-", custom.map(visible).join("  ") || "-", content],
    ]),
  );
}
