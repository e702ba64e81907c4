import { SpanhouseError } from "@spanhouse/schemas/errors";
import { parseOwnershipRule } from "@spanhouse/schemas/rules/ownership-rule";
import { createAdministration } from "@spanhouse/store/administration";
import { createRuleHistory } from "@spanhouse/store/rule-history";
import type { Command } from "../command.ts";
import { deploymentUsage, openDeployment } from "../deployment.ts";
import { givenRule, listRules, parseRuleOptions, revokeRule, setRule } from "../rules/rule-actions.ts";

export const ownership: Command = {
  usage: `spanhouse ownership list | history [--project NAME] [--json]
spanhouse ownership set NAME --rule RULE | --file FILE --reason TEXT [--project NAME] [--by WHO]
spanhouse ownership revoke NAME [--reason TEXT] [--project NAME] [--by WHO]

Who pays for calls that do not say so: team, cost centre, feature, prompt and release by key, service, model or provider
(docs/guides/ownership.md); without --project for all projects. A rule is JSON or YAML. It holds for every call that is
stored from the next flush on; spanhouse reprice applies it to what is stored already.

${deploymentUsage}`,

  async run(args, { environment, print }) {
    const options = parseRuleOptions(args);
    const { action } = options;
    const rule = action === "set" ? await givenRule(options, parseOwnershipRule) : undefined;
    if (!["list", "history", "set", "revoke"].includes(action ?? "")) {
      throw new SpanhouseError("CONFIG", `expected list, history, set or revoke; got ${JSON.stringify(action ?? "")}`);
    }
    const deployment = await openDeployment(environment, options.data);
    try {
      const history = createRuleHistory(deployment.clickhouse, "ownership_rules");
      const administration = createAdministration(deployment.clickhouse);
      const actions = { administration, table: "ownership_rules", history, print } as const;
      if (action === "set") return await setRule(options, rule, actions);
      return action === "revoke" ? await revokeRule(options, actions) : await listRules(options, actions);
    } finally {
      await deployment.close();
    }
  },
};
