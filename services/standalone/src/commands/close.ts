import { randomUUID } from "node:crypto";
import { userInfo } from "node:os";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { createChargebacks } from "@spanhouse/store/chargebacks";
import { requireProjectName } from "@spanhouse/store/projects";
import { dollars, exchangeRate } from "../chargeback/currency.ts";
import { readStatement } from "../chargeback/statement.ts";
import { monthOf, statementFormat } from "../chargeback/statement-options.ts";
import { statementOutput } from "../chargeback/statement-output.ts";
import type { Command } from "../command.ts";
import { deploymentUsage, openDeployment } from "../deployment.ts";
import { parseOptions } from "../parse-options.ts";
import { isTimeZone } from "../time-zone.ts";

export const closeCommand: Command = {
  usage: `spanhouse close MONTH --project NAME [--time-zone ZONE] [--currency CODE --rate NUMBER --rate-date DAY]
                [--by WHO] [--format table|json|csv] [--json]

States what a month (2026-10) came to, by team and cost centre, feature, provider and model, and prints it. The statement
stays as it is: closing the month again states what has become other since (late spans, prices, owners) as an adjustment
of that day. Freezes nothing.

  --time-zone   of the month's bounds, as Europe/Berlin; default: UTC, and when closing again that of the statement
  --currency, --rate, --rate-date  how much of a currency one dollar was on a day, and whose amounts are printed beside
                dollars; default: USD, and when closing again those of the last entry. What is stored stays in dollars
  --format      default: table, by team and cost centre; json (also --json) and csv have every line

${deploymentUsage}`,

  async run(args, { environment, print }) {
    const { values, positionals } = parseOptions((parseArgs) =>
      parseArgs({
        args: [...args],
        allowPositionals: true,
        options: {
          project: { type: "string", default: "" },
          "time-zone": { type: "string" },
          currency: { type: "string" },
          rate: { type: "string" },
          "rate-date": { type: "string" },
          by: { type: "string", default: userInfo().username },
          format: { type: "string", default: "table" },
          json: { type: "boolean", default: false },
          data: { type: "string" },
        },
      }),
    );
    const month = monthOf(positionals);
    const format = statementFormat(values.json ? "json" : values.format);
    const { project, by: closedBy } = values;
    requireProjectName(project);
    const zone = values["time-zone"];
    if (zone !== undefined && !isTimeZone(zone)) {
      throw new SpanhouseError(
        "CONFIG",
        `--time-zone: expected an IANA name as Europe/Berlin; got ${JSON.stringify(zone)}`,
      );
    }
    const given = exchangeRate(values.currency, values.rate, values["rate-date"]);
    const deployment = await openDeployment(environment, values.data);
    try {
      const chargebacks = createChargebacks(deployment.clickhouse);
      const before = await readStatement(chargebacks, project, month);
      const [closing] = before?.entries ?? [];
      if (closing && zone !== undefined && zone !== closing.timeZone) {
        throw new SpanhouseError(
          "CONFIG",
          `--time-zone: ${month} was closed in ${closing.timeZone}, and stays so; got ${zone}`,
        );
      }
      const period = closing ?? (await chargebacks.periodOf(month, zone ?? "UTC"));
      if (period.to * 1000 > Date.now()) {
        throw new SpanhouseError(
          "CONFIG",
          `${month} has not ended in ${period.timeZone}: it can be closed when it has`,
        );
      }
      const last = before?.entries.at(-1);
      const lines = before ? before.pending : await chargebacks.present(project, period);
      if (!before || lines.length > 0) {
        const { timeZone, from, to } = period;
        const { currency, rate, rateDate } = given ?? last ?? dollars;
        await chargebacks.append(
          {
            ...{ project, month, entry: last ? last.entry + 1 : 0, id: randomUUID(), timeZone, from, to },
            ...{ currency, rate, rateDate, closedBy },
          },
          lines,
        );
      }
      const statement = await readStatement(chargebacks, project, month);
      for (const line of statementOutput(statement!, format, new Date().toISOString())) print(line);
      return 0;
    } finally {
      await deployment.close();
    }
  },
};
