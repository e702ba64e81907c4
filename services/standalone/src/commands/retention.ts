import { userInfo } from "node:os";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { createAdministration } from "@spanhouse/store/administration";
import { createProjects, everyProject } from "@spanhouse/store/projects";
import { applyRetention } from "@spanhouse/store/retention/apply-retention";
import { createRetentions, type Kept, keptKinds, type RetentionDays } from "@spanhouse/store/retention/retentions";
import type { Command } from "../command.ts";
import { deploymentUsage, openDeployment } from "../deployment.ts";
import { parseOptions } from "../parse-options.ts";
import { tableLines } from "../table.ts";

export const retention: Command = {
  usage: `spanhouse retention list [--json]
spanhouse retention set KIND=DAYS… --reason TEXT [--project NAME] [--by WHO]
spanhouse retention apply [--json]

For how many days what is kept (docs/guides/privacy.md); without --project for all projects that say nothing themselves.
  KIND   payloads (texts), spans (with traces and scores), rollups (sums) or open_spans
  DAYS   whole days; 0: for ever; inherit: as all projects
  apply  freezes and drops what is due now. Consumers, and spanhouse start, do so once an hour themselves

${deploymentUsage}`,

  async run(args, { environment, signal, print }) {
    const { values, positionals } = parseOptions((parseArgs) =>
      parseArgs({
        args: [...args],
        allowPositionals: true,
        options: {
          project: { type: "string", default: everyProject },
          reason: { type: "string", default: "" },
          by: { type: "string", default: userInfo().username },
          json: { type: "boolean", default: false },
          data: { type: "string" },
        },
      }),
    );
    const [action, ...pairs] = positionals;
    const { project, reason, by: changedBy, json } = values;
    if (!["list", "set", "apply"].includes(action ?? "")) {
      throw new SpanhouseError("CONFIG", `expected list, set or apply; got ${JSON.stringify(action ?? "")}`);
    }
    if (action === "set" && reason === "") {
      throw new SpanhouseError("CONFIG", "set: expected --reason, which stays with the change");
    }
    const days = action === "set" ? daysOf(pairs) : {};
    const deployment = await openDeployment(environment, values.data);
    try {
      const { clickhouse } = deployment;
      const retentions = createRetentions(clickhouse);
      if (action === "apply") {
        const { frozen, dropped } = await applyRetention({ clickhouse, signal });
        if (json) print(JSON.stringify({ frozen, dropped }));
        else {
          for (const one of frozen) print(`${one.project || "(all)"} is frozen until ${timeText(one.until)}`);
          for (const { table, partition, rows } of dropped) print(`${table} ${partition}: ${rows} rows dropped`);
          if (frozen.length + dropped.length === 0) print("nothing is due");
        }
        return 0;
      }
      const settings =
        action === "set"
          ? await createAdministration(clickhouse).setRetention({ project, by: changedBy }, days, reason)
          : await retentions.current();
      const frozen = await createProjects(clickhouse).frozenTimes();
      const projects = new Set([everyProject, ...settings.projects, ...frozen.keys()]);
      const rows = [...projects].map((name) => ({
        project: name,
        ...settings.of(name),
        frozen_until: frozen.get(name) ?? 0,
      }));
      if (json) for (const row of rows) print(JSON.stringify(row));
      else {
        const cells = rows.map((row) => [
          row.project || "(all)",
          ...keptKinds.map((kept) => daysText(row, kept)),
          row.frozen_until === 0 ? "" : timeText(row.frozen_until),
        ]);
        for (const line of tableLines(["project", ...keptKinds, "frozen until"], cells)) print(line);
      }
      return 0;
    } finally {
      await deployment.close();
    }
  },
};

function daysOf(pairs: readonly string[]): Partial<Record<Kept, number | null>> {
  const days: Partial<Record<Kept, number | null>> = {};
  for (const pair of pairs) {
    const [name, value = ""] = pair.split("=", 2);
    const kept = keptKinds.find((one) => one === name);
    if (!kept || !/^(\d{1,5}|inherit)$/.test(value)) {
      throw new SpanhouseError(
        "CONFIG",
        `set: expected KIND=DAYS with a KIND of ${keptKinds.join(", ")}; got ${JSON.stringify(pair)}`,
      );
    }
    days[kept] = value === "inherit" ? null : Number(value);
  }
  if (pairs.length === 0) throw new SpanhouseError("CONFIG", "set: expected KIND=DAYS");
  return days;
}

function daysText(days: RetentionDays, kept: Kept): string {
  return days[kept] === 0 ? "for ever" : String(days[kept]);
}

function timeText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}
