import { SpanhouseError } from "@spanhouse/schemas/errors";
import { type ApiKeyScope, apiKeyScopes, createApiKeys } from "@spanhouse/store/api-keys";
import { createProjects } from "@spanhouse/store/projects";
import type { Command } from "../command.ts";
import { deploymentUsage, openDeployment } from "../deployment.ts";
import { parseOptions } from "../parse-options.ts";

export const keys: Command = {
  usage: `spanhouse keys create --project NAME [--scope ingest,read] [--label TEXT]
spanhouse keys list --project NAME
spanhouse keys revoke KEY_ID --project NAME

A key is printed once, when it is made.
${deploymentUsage}`,

  async run(args, { environment, print }) {
    const { values, positionals } = parseOptions((parseArgs) =>
      parseArgs({
        args: [...args],
        allowPositionals: true,
        options: {
          project: { type: "string", default: "default" },
          scope: { type: "string", default: "ingest,read" },
          label: { type: "string", default: "" },
          data: { type: "string" },
        },
      }),
    );
    const [action, keyId = ""] = positionals;
    const deployment = await openDeployment(environment, values.data);
    try {
      const { clickhouse } = deployment;
      const apiKeys = createApiKeys(clickhouse);
      const { project, label } = values;
      switch (action) {
        case "create": {
          await createProjects(clickhouse).ensureProject(project);
          const made = await apiKeys.createKey({ project, scopes: scopesOf(values.scope), label });
          print(JSON.stringify({ project, ...made }));
          return 0;
        }
        case "list":
          for (const { hash: _, ...key } of await apiKeys.listKeys(project)) print(JSON.stringify(key));
          return 0;
        case "revoke": {
          const revoked = await apiKeys.revokeKey(project, keyId);
          print(revoked ? `${keyId} is revoked` : `${keyId || "(no key id)"}: project ${project} has no such key`);
          return revoked ? 0 : 1;
        }
        default:
          throw new SpanhouseError("CONFIG", `expected create, list or revoke; got ${JSON.stringify(action ?? "")}`);
      }
    } finally {
      await deployment.close();
    }
  },
};

function scopesOf(list: string): ApiKeyScope[] {
  return list.split(",").map((scope) => {
    const known = apiKeyScopes.find((one) => one === scope);
    if (known) return known;
    throw new SpanhouseError(
      "CONFIG",
      `--scope: expected some of ${apiKeyScopes.join(", ")}; got ${JSON.stringify(scope)}`,
    );
  });
}
