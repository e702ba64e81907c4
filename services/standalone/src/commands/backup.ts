import { backUp } from "@spanhouse/store/backup";
import { backupDestination, backupDestinationUsage } from "../backup-destination.ts";
import type { Command } from "../command.ts";
import { deploymentUsage, openDeployment } from "../deployment.ts";
import { parseOptions } from "../parse-options.ts";

export const backup: Command = {
  usage: `spanhouse backup NAME

Backs up everything that is stored, in parts whose order lets a restored deployment go on. May run beside live traffic.
spanhouse restore brings it back.

${backupDestinationUsage}

${deploymentUsage}`,

  async run(args, { environment, signal, print }) {
    const { values, positionals } = parseOptions((parseArgs) =>
      parseArgs({ args: [...args], allowPositionals: true, options: { data: { type: "string" } } }),
    );
    const destination = backupDestination(environment, positionals[0]);
    const deployment = await openDeployment(environment, values.data);
    try {
      await backUp(deployment.clickhouse, destination, signal);
      print(`backup ${positionals[0]} of database ${deployment.clickhouse.database} is complete`);
      return 0;
    } finally {
      await deployment.close();
    }
  },
};
