import { restore } from "@spanhouse/store/backup";
import { migrate } from "@spanhouse/store/migrate";
import { pino } from "pino";
import { backupDestination, backupDestinationUsage } from "../backup-destination.ts";
import type { Command } from "../command.ts";
import { standaloneConfig } from "../config.ts";
import { parseOptions } from "../parse-options.ts";
import { bar, progressOn } from "../progress.ts";
import { openStore } from "../store.ts";

export const restoreCommand: Command = {
  usage: `spanhouse restore NAME [--from-database NAME] [--json]

Makes the tables of a backup again and migrates them to this version. The database must be empty and nothing may run on it;
afterwards start the deployment, let it come to lag 0, and look with spanhouse verify. What was erased after the backup was
taken must be erased again.

  --from-database  the database that was backed up; default: spanhouse
  --json           what was done: {"backup", "database", "restored"}

${backupDestinationUsage}

Works on the ClickHouse that SPANHOUSE_CLICKHOUSE_URL names; else on the data directory of a standalone that is not running
(--data DIR, SPANHOUSE_DATA, default .spanhouse).`,

  async run(args, context) {
    const { environment, signal, print } = context;
    const { values, positionals } = parseOptions((parseArgs) =>
      parseArgs({
        args: [...args],
        allowPositionals: true,
        options: {
          "from-database": { type: "string", default: "spanhouse" },
          json: { type: "boolean", default: false },
          data: { type: "string" },
        },
      }),
    );
    const [name] = positionals;
    const destination = backupDestination(environment, name);
    const { clickhouse: named, dataDir, logLevel } = standaloneConfig(environment);
    const store = await openStore(named, values.data ?? dataDir, pino({ level: logLevel }, pino.destination(2)));
    const progress = progressOn(context);
    try {
      const { database } = store.clickhouse;
      const tell = (share: number) => progress.show(bar(share));
      await restore(store.clickhouse, destination, values["from-database"], signal, tell);
      progress.clear();
      await migrate(store.clickhouse);
      const done = { backup: name, database, restored: true };
      print(values.json ? JSON.stringify(done) : `backup ${name} is restored into database ${database}`);
      return 0;
    } finally {
      progress.clear();
      await store.close();
    }
  },
};
