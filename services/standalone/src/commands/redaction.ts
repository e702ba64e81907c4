import { checkedPolicy } from "@spanhouse/gateway/redaction/check-policy";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { createRedactionPolicies } from "@spanhouse/store/redaction-policies";
import type { Command } from "../command.ts";
import { deploymentUsage, openDeployment } from "../deployment.ts";
import { parseOptions } from "../parse-options.ts";

export const redaction: Command = {
  usage: `spanhouse redaction list
spanhouse redaction set --project NAME [--patterns email,phone,card,secret] [--custom REGEX]… [--content keep|hash|drop]

What gateways take out of a project's texts before anything of them is published, in place of what they did so far; without
options, nothing. Expressions are RE2's. Usage, price and outcome stay right: docs/guides/redaction.md.
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
          print(JSON.stringify({ project: values.project, ...policy }));
          return 0;
        case "list":
          for (const [project, own] of await policies.all()) print(JSON.stringify({ project, ...own }));
          return 0;
        default:
          throw new SpanhouseError("CONFIG", `expected list or set; got ${JSON.stringify(action ?? "")}`);
      }
    } finally {
      await deployment.close();
    }
  },
};
