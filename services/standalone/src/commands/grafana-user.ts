import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import type { Command } from "../command.ts";
import { grafanaUserXml, rowsOfProjects } from "../grafana-user.ts";
import { parseOptions } from "../parse-options.ts";

/** A file that names them again would change them. */
const taken: readonly string[] = ["default", "spanhouse", "reader", "spanhouse_reader"];

export const grafanaUser: Command = {
  usage: `spanhouse grafana-user --project NAME [--project NAME ...] [--user NAME] [--database NAME] [--data DIR] [--json]

Makes a ClickHouse user who reads the rows of these projects and nothing else, within limits, for Grafana's data source.

  --user NAME       its name (default grafana)
  --database NAME   where the tables are (default spanhouse)
  --data DIR        of a standalone: the user is written there and known from its next start
  --json            one line: user, password, and the file's path or what stands in it

Without --data, prints a file for /etc/clickhouse-server/users.d of each ClickHouse server; a server takes it at once.
The password is said once, on standard error.`,

  async run(args, { print }) {
    const { values } = parseOptions((parseArgs) =>
      parseArgs({
        args: [...args],
        options: {
          project: { type: "string", multiple: true },
          user: { type: "string", default: "grafana" },
          database: { type: "string", default: "spanhouse" },
          data: { type: "string" },
          json: { type: "boolean", default: false },
        },
      }),
    );
    const { project: projects = [], user, database, data } = values;
    if (projects.length === 0)
      throw new SpanhouseError("CONFIG", "--project: expected the name of a project; got none");
    for (const [option, name] of Object.entries({ user, database })) {
      if (!/^[A-Za-z_][\w-]*$/.test(name))
        throw new SpanhouseError(
          "CONFIG",
          `--${option}: expected letters, digits, _ and -, a letter first; got ${JSON.stringify(name)}`,
        );
    }
    if (taken.includes(user)) throw new SpanhouseError("CONFIG", `--user: ${user} is a user of Spanhouse itself`);
    const password = randomBytes(24).toString("base64url");
    const xml = grafanaUserXml({
      ...{ name: user, password: { text: password }, database },
      rows: { text: rowsOfProjects(projects) },
    });
    const path = data === undefined ? undefined : writeUser(data, user, xml);
    if (values.json) {
      print(JSON.stringify({ user, password, ...(path === undefined ? { xml } : { path }) }));
      return 0;
    }
    print(path === undefined ? xml.trimEnd() : `${path}: start the standalone anew`);
    process.stderr.write(`password of ${user}: ${password}\n`);
    return 0;
  },
};

/** ClickHouse merges what lies in the folder named after its configuration, server.xml. */
function writeUser(dataDir: string, user: string, xml: string): string {
  const folder = join(dataDir, "server.d");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${user}.xml`);
  writeFileSync(path, xml, { mode: 0o600 });
  return path;
}
