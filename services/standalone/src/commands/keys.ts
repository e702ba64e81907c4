import { userInfo } from "node:os";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { createAdministration } from "@spanhouse/store/administration";
import { type ApiKey, type ApiKeyScope, apiKeyScopes, createApiKeys } from "@spanhouse/store/api-keys";
import type { Command } from "../command.ts";
import { deploymentUsage, openDeployment } from "../deployment.ts";
import { parseOptions } from "../parse-options.ts";
import { visible } from "../reading/units.ts";
import { tableLines } from "../table.ts";

export const keys: Command = {
  usage: `spanhouse keys create --project NAME [--scope ingest,read] [--label TEXT] [--expires TIME] [--by WHO]
spanhouse keys bootstrap [--project NAME]
spanhouse keys list --project NAME [--json]
spanhouse keys rotate KEY_ID --project NAME [--grace SECONDS]
spanhouse keys revoke KEY_ID --project NAME [--json]

A key is printed once, when it is made, as JSON; every change is in the audit.
  bootstrap  the first key of scope admin of a project (default: default); exits with 1 when there is one in use
  rotate     a new key like it; the old one works on for the grace time (default: a day)
  --expires  a day or time such as 2027-01-01
  --json     a line for each key

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
          expires: { type: "string" },
          grace: { type: "string", default: "86400" },
          by: { type: "string", default: userInfo().username },
          json: { type: "boolean", default: false },
          data: { type: "string" },
        },
      }),
    );
    const [action, keyId = ""] = positionals;
    const { project, label, by } = values;
    const graceSeconds = Number(values.grace);
    if (!/^\d{1,8}$/.test(values.grace))
      throw new SpanhouseError("CONFIG", `--grace: expected seconds; got ${values.grace}`);
    const expiresAt = expiryOf(values.expires);
    const deployment = await openDeployment(environment, values.data);
    try {
      const apiKeys = createApiKeys(deployment.clickhouse);
      const administration = createAdministration(deployment.clickhouse);
      const actor = { project, by };
      const unknown = () => {
        if (values.json) print(JSON.stringify({ project, keyId, revoked: false }));
        else print(`${keyId || "(no key id)"}: project ${project} has no such key`);
        return 1;
      };
      switch (action) {
        case "create": {
          const wanted = { scopes: scopesOf(values.scope), label, ...(expiresAt && { expiresAt }) };
          print(JSON.stringify({ project, ...(await administration.createKey(actor, wanted)) }));
          return 0;
        }
        case "bootstrap": {
          const now = Date.now() / 1000;
          const inUse = (await apiKeys.listKeys(project)).find(
            (key) => key.scopes.includes("admin") && !key.revoked && (key.expiresAt ?? now + 1) > now,
          );
          if (inUse) {
            print(`project ${project} has an admin's key: ${inUse.keyId} ${JSON.stringify(inUse.label)}`);
            return 1;
          }
          const wanted = { scopes: ["read", "admin"], label: "bootstrap" } as const;
          print(JSON.stringify({ project, ...(await administration.createKey(actor, wanted)) }));
          return 0;
        }
        case "list":
          for (const line of keyLines(await apiKeys.listKeys(project), values.json)) print(line);
          return 0;
        case "rotate": {
          const made = await administration.rotateKey(actor, keyId, graceSeconds);
          if (!made) return unknown();
          print(JSON.stringify({ project, ...made }));
          return 0;
        }
        case "revoke":
          if (!(await administration.revokeKey(actor, keyId))) return unknown();
          print(values.json ? JSON.stringify({ project, keyId, revoked: true }) : `${keyId} is revoked`);
          return 0;
        default:
          throw new SpanhouseError(
            "CONFIG",
            `expected create, bootstrap, list, rotate or revoke; got ${JSON.stringify(action ?? "")}`,
          );
      }
    } finally {
      await deployment.close();
    }
  },
};

function keyLines(known: readonly ApiKey[], json: boolean): string[] {
  if (json) return known.map(({ hash: _, ...key }) => JSON.stringify(key));
  const at = (seconds: number | undefined) =>
    seconds === undefined ? "-" : new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
  const rows = known.map(({ keyId, label, scopes, createdAt, expiresAt, revoked }) => [
    ...[keyId, scopes.join(","), visible(label), at(createdAt), at(expiresAt), revoked ? "revoked" : ""],
  ]);
  return tableLines(["key id", "scopes", "label", "made", "expires", ""], rows);
}

function expiryOf(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const time = new Date(text);
  if (time.getTime() > Date.now()) return time;
  throw new SpanhouseError("CONFIG", `--expires: expected a day or time to come; got ${JSON.stringify(text)}`);
}

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
