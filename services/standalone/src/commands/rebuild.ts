import { rebuild } from "@spanhouse/consumer/maintenance/rebuild";
import type { Command } from "../command.ts";
import { deploymentUsage, openDeployment } from "../deployment.ts";
import { parseOptions } from "../parse-options.ts";
import { minuteRange, minuteText, timeRangeUsage } from "../time-range.ts";

export const rebuildCommand: Command = {
  usage: `spanhouse rebuild [--from TIME] [--to TIME] [--project NAME]

Makes marks, summaries, slices, hours and days of the range once more from the rows of spans. May run beside live traffic, and
may be stopped: a stretch that was printed is done, --from goes on behind it.

${timeRangeUsage}
  --project     of one project; default: all

${deploymentUsage}`,

  async run(args, { environment, signal, print }) {
    const { values } = parseOptions((parseArgs) =>
      parseArgs({
        args: [...args],
        options: {
          from: { type: "string" },
          to: { type: "string" },
          project: { type: "string" },
          data: { type: "string" },
        },
      }),
    );
    const range = { project: values.project, ...minuteRange(values.from, values.to) };
    const deployment = await openDeployment(environment, values.data);
    try {
      const { clickhouse } = deployment;
      for await (const { stretch, traces, slices } of rebuild({ clickhouse, range, signal })) {
        print(`${minuteText(stretch.from)} to ${minuteText(stretch.to)}: ${traces} traces, ${slices} slices`);
      }
      return 0;
    } finally {
      await deployment.close();
    }
  },
};
