import { SpanhouseError } from "@spanhouse/schemas/errors";
import { createProjectLimits } from "@spanhouse/store/limits/project-limits";
import type { Command } from "../command.ts";
import { deploymentUsage, openDeployment } from "../deployment.ts";
import { parseOptions } from "../parse-options.ts";

export const limits: Command = {
  usage: `spanhouse limits list
spanhouse limits set --project NAME [--traces-per-month N] [--spans-per-second N] [--bytes-per-second N]

What a project may send, in place of what the gateways' environment says for all; one that is left out is without limit.
Gateways know within seconds. What is over is answered 429 with a code, and when to come again: docs/guides/limits.md.
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
          print(JSON.stringify({ project: values.project, ...wanted }));
          return 0;
        case "list":
          for (const [project, own] of await table.all()) print(JSON.stringify({ project, ...own }));
          return 0;
        default:
          throw new SpanhouseError("CONFIG", `expected list or set; got ${JSON.stringify(action ?? "")}`);
      }
    } finally {
      await deployment.close();
    }
  },
};

function numberOf(option: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^[1-9]\d{0,11}$/.test(value)) return Number(value);
  throw new SpanhouseError("CONFIG", `${option}: expected a whole number from 1 on; got ${JSON.stringify(value)}`);
}
