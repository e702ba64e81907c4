import { userInfo } from "node:os";
import { type ErasureReport, erase } from "@spanhouse/consumer/maintenance/erase";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { createAudit } from "@spanhouse/store/audit";
import { createErasures, userHashOf } from "@spanhouse/store/erasure/erasures";
import { mentions } from "@spanhouse/store/erasure/remains";
import type { Command } from "../command.ts";
import { deploymentUsage, openDeployment } from "../deployment.ts";
import { parseOptions } from "../parse-options.ts";

export const eraseCommand: Command = {
  usage: `spanhouse erase --user ID --project NAME --reason TEXT [--by WHO] [--mentions] [--json]
spanhouse erase list --project NAME

Erases a person: every span of every trace with a span that names this user loses its texts, tags, metadata, user and
conversation; what it cost and how long it took stays, so that no sum changes (docs/guides/privacy.md). What still comes
of them is blanked before it is stored. May run beside live traffic; stopped or killed, run it again.
Prints what a scan of every table, superseded rows included, found afterwards; exits with 1 unless that is nothing.

  --reason, --by  stay with the erasure, and so does its report; the user's id is kept as a hash
  --mentions      counts texts of other traces in which the id stands, for a person to look at: reads all texts
  list            what was erased of a project, the newest first, as JSON

${deploymentUsage}`,

  async run(args, { environment, signal, print }) {
    const { values, positionals } = parseOptions((parseArgs) =>
      parseArgs({
        args: [...args],
        allowPositionals: true,
        options: {
          user: { type: "string" },
          project: { type: "string" },
          reason: { type: "string", default: "" },
          by: { type: "string", default: userInfo().username },
          mentions: { type: "boolean", default: false },
          json: { type: "boolean", default: false },
          data: { type: "string" },
        },
      }),
    );
    const [action] = positionals;
    const { user: userId = "", project = "", reason, by: askedBy, json } = values;
    if (project === "") throw new SpanhouseError("CONFIG", "expected --project");
    if (action !== undefined && action !== "list") {
      throw new SpanhouseError("CONFIG", `expected --user or list; got ${JSON.stringify(action)}`);
    }
    if (action === undefined && userId === "") throw new SpanhouseError("CONFIG", "expected --user");
    if (action === undefined && reason === "") {
      throw new SpanhouseError("CONFIG", "expected --reason, which stays with the erasure");
    }
    const deployment = await openDeployment(environment, values.data);
    try {
      const { clickhouse } = deployment;
      if (action === "list") {
        for (const erasure of await createErasures(clickhouse).list(project)) print(JSON.stringify(erasure));
        return 0;
      }
      await createAudit(clickhouse).record({
        ...{ project, keyId: askedBy, action: "erasure.run", subject: userHashOf(project, userId), detail: { reason } },
      });
      const steps = erase({ clickhouse, project, userId, askedBy, reason, signal });
      for (;;) {
        const step = await steps.next();
        if (step.done) {
          for (const line of json ? [JSON.stringify(step.value)] : reportLines(step.value)) print(line);
          if (values.mentions) {
            const elsewhere = await mentions(clickhouse, { project, userId, userHash: userHashOf(project, userId) });
            print(
              json ? JSON.stringify({ mentions: elsewhere }) : `mentioned in the texts of ${elsewhere} other spans`,
            );
          }
          return Object.values(step.value.left).every((rows) => rows === 0) ? 0 : 1;
        }
        if (!json) print(`${step.value.traces} of ${step.value.of} traces`);
      }
    } finally {
      await deployment.close();
    }
  },
};

function reportLines({ run, traces, spans, purged, left }: ErasureReport): string[] {
  const rows = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([table, count]) => `${table} ${count}`)
      .join(", ");
  return [
    `erasure ${run}: ${spans} spans of ${traces} traces blanked`,
    `rows rewritten or dropped: ${rows(purged) || "none"}`,
    `rows that still say something of the person: ${rows(left)}`,
  ];
}
