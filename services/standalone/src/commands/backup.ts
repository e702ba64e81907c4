import { backUp } from "@spanhouse/store/backup";
import { backupDestination, backupDestinationUsage } from "../backup-destination.ts";
import type { Command } from "../command.ts";
import { deploymentUsage, openDeployment } from "../deployment.ts";
import { parseOptions } from "../parse-options.ts";
import { bar, progressOn } from "../progress.ts";

export const backup: Command = {
  usage: `spanhouse backup NAME [--json]

Backs up everything that is stored, in parts whose order lets a restored deployment go on. May run beside live traffic.
spanhouse restore brings it back.

  --json  what was done: {"backup", "database", "complete"}

${backupDestinationUsage}

${deploymentUsage}`,

  async run(args, context) {
    const { environment, signal, print } = context;
    const { values, positionals } = parseOptions((parseArgs) =>
      parseArgs({
        args: [...args],
        allowPositionals: true,
        options: { json: { type: "boolean", default: false }, data: { type: "string" } },
      }),
    );
    const [name] = positionals;
    const destination = backupDestination(environment, name);
    const deployment = await openDeployment(environment, values.data);
    const progress = progressOn(context);
    try {
      const { database } = deployment.clickhouse;
      await backUp(deployment.clickhouse, destination, signal, (share) => progress.show(bar(share)));
      progress.clear();
      const done = { backup: name, database, complete: true };
      print(values.json ? JSON.stringify(done) : `backup ${name} of database ${database} is complete`);
      return 0;
    } finally {
      progress.clear();
      await deployment.close();
    }
  },
};
