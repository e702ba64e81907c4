import { SpanhouseError } from "@spanhouse/schemas/errors";
import { parsePriceRule } from "@spanhouse/schemas/rules/price-rule";
import { createAdministration } from "@spanhouse/store/administration";
import { createRuleHistory } from "@spanhouse/store/rule-history";
import type { Command } from "../command.ts";
import { deploymentUsage, openDeployment } from "../deployment.ts";
import { commitmentUses } from "../rules/commitments.ts";
import { givenRule, listRules, parseRuleOptions, revokeRule, setRule } from "../rules/rule-actions.ts";
import { tableLines } from "../table.ts";

export const prices: Command = {
  usage: `spanhouse prices list | history [--project NAME] [--json]
spanhouse prices set NAME --rule RULE | --file FILE --reason TEXT [--project NAME] [--by WHO]
spanhouse prices revoke NAME [--reason TEXT] [--project NAME] [--by WHO]
spanhouse prices commitments [--project NAME] [--json]

A project's own prices, discounts, aliases and commitments (docs/guides/prices.md); without --project those of all
projects. A rule is JSON or YAML. It holds for every call that is stored from the next flush on, by the time at which the
call ended; spanhouse reprice applies it to what is stored already.
  list         the rules in force; of one project, and those of all
  history      every version of every rule: who, when and why
  set          makes a rule, or the next version of one
  commitments  what was promised to providers, and what is spent of it in this month or year, UTC

${deploymentUsage}`,

  async run(args, { environment, print }) {
    const options = parseRuleOptions(args);
    const { action } = options;
    const rule = action === "set" ? await givenRule(options, parsePriceRule) : undefined;
    if (!["list", "history", "set", "revoke", "commitments"].includes(action ?? "")) {
      throw new SpanhouseError(
        "CONFIG",
        `expected list, history, set, revoke or commitments; got ${JSON.stringify(action ?? "")}`,
      );
    }
    const deployment = await openDeployment(environment, options.data);
    try {
      const { clickhouse } = deployment;
      const history = createRuleHistory(clickhouse, "prices");
      const administration = createAdministration(deployment.clickhouse);
      const actions = { administration, table: "prices", history, print } as const;
      if (action === "set") return await setRule(options, rule, actions);
      if (action === "revoke") return await revokeRule(options, actions);
      if (action !== "commitments") return await listRules(options, actions);
      const uses = (await commitmentUses(clickhouse, await history.inForce(), new Date())).filter(
        ({ project }) => options.project === "" || project === options.project,
      );
      if (options.json) for (const use of uses) print(JSON.stringify(use));
      else {
        const rows = uses.map((use) => [
          ...[
            use.project || "(all)",
            use.name,
            use.provider,
            use.from,
            use.to,
            use.committed,
            use.spent,
            use.remaining,
          ],
        ]);
        const head = ["project", "name", "provider", "from", "to", "committed", "spent", "remaining"];
        for (const line of tableLines(head, rows)) print(line);
      }
      return 0;
    } finally {
      await deployment.close();
    }
  },
};
