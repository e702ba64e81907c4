import { consumerConfig } from "@spanhouse/consumer/config";
import { rebuild } from "@spanhouse/consumer/maintenance/rebuild";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import type { Command } from "../command.ts";
import { deploymentUsage, openDeployment } from "../deployment.ts";
import { parseOptions } from "../parse-options.ts";
import { bar, progressOn } from "../progress.ts";
import { rebuildInto } from "../rebuild-into.ts";
import { minuteRange, minuteText, timeRangeUsage } from "../time-range.ts";

export const rebuildCommand: Command = {
  usage: `spanhouse rebuild [--from TIME] [--to TIME] [--project NAME] [--json]
spanhouse rebuild --from-log --into DATABASE

Makes marks, summaries, slices, hours and days of the range once more from the rows of spans. May run beside live traffic, and
may be stopped: a stretch that was printed is done, --from goes on behind it.

${timeRangeUsage}
  --project     of one project; default: all
  --json        a line for each stretch

With --from-log: a fresh database from the records that Kafka still has, as a fix of the code needs it that lowers what was
wrong. Makes and migrates the database, copies projects, keys, rules and statements, derives every record anew beside the
running deployment, and says which variable to change. Stopped or killed, the same command goes on. Takes the environment
of the consumer (docs/guides/kafka-deployment.md).

${deploymentUsage}`,

  async run(args, context) {
    const { environment, signal, print } = context;
    const { values } = parseOptions((parseArgs) =>
      parseArgs({
        args: [...args],
        options: {
          from: { type: "string" },
          to: { type: "string" },
          project: { type: "string" },
          "from-log": { type: "boolean", default: false },
          into: { type: "string" },
          json: { type: "boolean", default: false },
          data: { type: "string" },
        },
      }),
    );
    const { into } = values;
    if (values["from-log"]) {
      if (into === undefined || [values.from, values.to, values.project].some((option) => option !== undefined)) {
        throw new SpanhouseError("CONFIG", "--from-log: expected --into DATABASE, and neither a range nor a project");
      }
      return rebuildInto({ config: consumerConfig(environment), into, signal, print });
    }
    if (into !== undefined) throw new SpanhouseError("CONFIG", "--into: expected only with --from-log");
    const range = { project: values.project, ...minuteRange(values.from, values.to) };
    const deployment = await openDeployment(environment, values.data);
    const progress = progressOn(context);
    try {
      const { clickhouse } = deployment;
      for await (const { stretch, traces, slices } of rebuild({ clickhouse, range, signal })) {
        progress.clear();
        const [start, end] = [minuteText(stretch.from), minuteText(stretch.to)];
        print(
          values.json
            ? JSON.stringify({ from: start, to: end, traces, slices })
            : `${start} to ${end}: ${traces} traces, ${slices} slices`,
        );
        progress.show(bar(stretch.share));
      }
      return 0;
    } finally {
      progress.clear();
      await deployment.close();
    }
  },
};
