import { SpanhouseError } from "@spanhouse/schemas/errors";
import { createChargebacks } from "@spanhouse/store/chargebacks";
import { requireProjectName } from "@spanhouse/store/projects";
import { readStatement } from "../chargeback/statement.ts";
import { monthOf, statementFormat } from "../chargeback/statement-options.ts";
import { statementOutput } from "../chargeback/statement-output.ts";
import type { Command } from "../command.ts";
import { deploymentUsage, openDeployment } from "../deployment.ts";
import { parseOptions } from "../parse-options.ts";
import { tableLines } from "../table.ts";

export const statement: Command = {
  usage: `spanhouse statement list --project NAME [--json]
spanhouse statement show MONTH --project NAME [--format table|json|csv] [--json]

The months that spanhouse close has stated. show prints the closing as it was, the adjustments of later days, and what is
other now and not stated yet; writes nothing, and exits with 1 when the month is not closed.

${deploymentUsage}`,

  async run(args, { environment, print }) {
    const { values, positionals } = parseOptions((parseArgs) =>
      parseArgs({
        args: [...args],
        allowPositionals: true,
        options: {
          project: { type: "string", default: "" },
          format: { type: "string", default: "table" },
          json: { type: "boolean", default: false },
          data: { type: "string" },
        },
      }),
    );
    const [action, ...rest] = positionals;
    if (action !== "list" && action !== "show") {
      throw new SpanhouseError("CONFIG", `expected list or show; got ${JSON.stringify(action ?? "")}`);
    }
    const { project } = values;
    requireProjectName(project);
    const format = statementFormat(values.json ? "json" : values.format);
    const month = action === "show" ? monthOf(rest) : "";
    const deployment = await openDeployment(environment, values.data);
    try {
      const chargebacks = createChargebacks(deployment.clickhouse);
      if (action === "list") {
        const entries = await chargebacks.entries(project);
        if (values.json) {
          for (const entry of entries) print(JSON.stringify(entry));
          return 0;
        }
        const rows = entries.map((entry) => [
          ...[entry.month, entry.entry === 0 ? "closing" : "adjustment", entry.timeZone],
          ...[entry.currency, entry.rate, entry.rateDate, entry.closedAt, entry.closedBy],
        ]);
        const head = ["month", "entry", "time zone", "currency", "rate", "of", "at", "by"];
        for (const line of tableLines(head, rows)) print(line);
        return 0;
      }
      const found = await readStatement(chargebacks, project, month);
      if (!found) print(`${month} of project ${project} is not closed`);
      else for (const line of statementOutput(found, format, new Date().toISOString())) print(line);
      return found ? 0 : 1;
    } finally {
      await deployment.close();
    }
  },
};
