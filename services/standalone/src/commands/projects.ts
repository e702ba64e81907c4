import { SpanhouseError } from "@spanhouse/schemas/errors";
import { createApiKeys } from "@spanhouse/store/api-keys";
import { createProjects, requireProjectName } from "@spanhouse/store/projects";
import type { Command } from "../command.ts";
import { deploymentUsage, openDeployment } from "../deployment.ts";
import { parseOptions } from "../parse-options.ts";
import { tableLines } from "../table.ts";

export const projects: Command = {
  usage: `spanhouse projects list [--json]
spanhouse projects create NAME [--json]

Projects are kept apart: a key reads and writes one of them.
  list    every project, how many keys it has that work, and until when its figures are frozen
  create  makes one; it may be there already

  --json  a line for each project

${deploymentUsage}`,

  async run(args, { environment, print }) {
    const { values, positionals } = parseOptions((parseArgs) =>
      parseArgs({
        args: [...args],
        allowPositionals: true,
        options: { json: { type: "boolean", default: false }, data: { type: "string" } },
      }),
    );
    const [action, name, ...more] = positionals;
    const known = action === "list" ? name === undefined : action === "create" && name !== undefined;
    if (!known || more.length > 0) {
      throw new SpanhouseError("CONFIG", `expected list, or create NAME; got ${JSON.stringify(positionals.join(" "))}`);
    }
    if (name !== undefined) requireProjectName(name);
    const deployment = await openDeployment(environment, values.data);
    try {
      const { clickhouse } = deployment;
      const store = createProjects(clickhouse);
      if (name !== undefined) {
        await store.ensureProject(name);
        print(values.json ? JSON.stringify({ project: name }) : `project ${name} is there`);
        return 0;
      }
      const apiKeys = createApiKeys(clickhouse);
      const frozen = [...(await store.frozenTimes())].sort(([a], [b]) => (a < b ? -1 : 1));
      const rows = await Promise.all(
        frozen.map(async ([project, until]) => ({
          project,
          keys: (await apiKeys.listKeys(project)).filter((key) => isWorking(key)).length,
          frozen_until: until === 0 ? null : new Date(until * 1000).toISOString().replace(".000Z", "Z"),
        })),
      );
      if (values.json) for (const row of rows) print(JSON.stringify(row));
      else {
        const cells = rows.map(({ project, keys, frozen_until }) => [project, keys, frozen_until ?? "-"]);
        for (const line of tableLines(["project", "keys", "frozen until"], cells)) print(line);
      }
      return 0;
    } finally {
      await deployment.close();
    }
  },
};

function isWorking({
  revoked,
  expiresAt,
}: {
  readonly revoked: boolean;
  readonly expiresAt?: number | undefined;
}): boolean {
  return !revoked && (expiresAt === undefined || expiresAt * 1000 > Date.now());
}
