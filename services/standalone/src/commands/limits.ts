import { SpanhouseError } from "@spanhouse/schemas/errors";
import { createProjectLimits, type ProjectLimits } from "@spanhouse/store/limits/project-limits";
import type { Command } from "../command.ts";
import { deploymentUsage, openDeployment } from "../deployment.ts";
import { parseOptions } from "../parse-options.ts";
import { visible } from "../reading/units.ts";
import { tableLines } from "../table.ts";

export const limits: Command = {
  usage: `spanhouse limits list [--json]
spanhouse limits set --project NAME [--traces-per-month N] [--spans-per-second N] [--bytes-per-second N] [--json]

What a project may send, in place of what the gateways' environment says for all; one that is left out is without limit.
Gateways know within seconds. What is over is answered 429 with a code, and when to come again: docs/guides/limits.md.

  --json  a line for each project

${deploymentUsage}`,

  async run(args, { environment, print }) {
    const { values, positionals } = parseOptions((parseArgs) =>
      parseArgs({
        args: [...args],
        allowPositionals: true,
        options: {
          project: { type: "string", default: "default" },
          "traces-per-month": { type: "string" },
          "spans-per-second": { type: "string" },
          "bytes-per-second": { type: "string" },
          json: { type: "boolean", default: false },
          data: { type: "string" },
        },
      }),
    );
    const [action] = positionals;
    const wanted = {
      tracesPerMonth: numberOf("--traces-per-month", values["traces-per-month"]),
      spansPerSecond: numberOf("--spans-per-second", values["spans-per-second"]),
      bytesPerSecond: numberOf("--bytes-per-second", values["bytes-per-second"]),
    };
    const deployment = await openDeployment(environment, values.data);
    try {
      const table = createProjectLimits(deployment.clickhouse);
      switch (action) {
        case "set":
          await table.set(values.project, wanted);
          for (const line of limitLines([[values.project, wanted]], values.json)) print(line);
          return 0;
        case "list":
          for (const line of limitLines([...(await table.all())], values.json)) print(line);
          return 0;
        default:
          throw new SpanhouseError("CONFIG", `expected list or set; got ${JSON.stringify(action ?? "")}`);
      }
    } finally {
      await deployment.close();
    }
  },
};

function limitLines(known: readonly (readonly [project: string, limits: ProjectLimits])[], json: boolean) {
  if (json) return known.map(([project, own]) => JSON.stringify({ project, ...own }));
  if (known.length === 0) return ["No project has limits of its own."];
  const shown = (limit: number | undefined) => limit ?? "none";
  return tableLines(
    ["project", "traces a month", "spans a second", "bytes a second"],
    known.map(([project, { tracesPerMonth, spansPerSecond, bytesPerSecond }]) => [
      ...[visible(project), shown(tracesPerMonth), shown(spansPerSecond), shown(bytesPerSecond)],
    ]),
  );
}

function numberOf(option: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^[1-9]\d{0,11}$/.test(value)) return Number(value);
  throw new SpanhouseError("CONFIG", `${option}: expected a whole number from 1 on; got ${JSON.stringify(value)}`);
}
