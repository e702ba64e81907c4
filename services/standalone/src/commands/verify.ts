import { readLogPositions } from "@spanhouse/bus/kafka/log-positions";
import { type Difference, verify } from "@spanhouse/consumer/maintenance/verify";
import { createCheckpoints } from "@spanhouse/store/checkpoints";
import type { Command, CommandContext } from "../command.ts";
import { type Deployment, deploymentUsage, openDeployment } from "../deployment.ts";
import { parseOptions } from "../parse-options.ts";
import { bar, progressOn } from "../progress.ts";
import { minuteRange, minuteText, timeRangeUsage } from "../time-range.ts";

export const verifyCommand: Command = {
  usage: `spanhouse verify [--from TIME] [--to TIME] [--project NAME] [--json]

Compares every stored aggregate of the range with the rows of spans: marks, summaries, the places of traces, slices of every
kind, hours and days; and, over Kafka, recorded positions with the log's. Reads only; may run beside live traffic.
Prints each difference; exits with 1 when there is one.

${timeRangeUsage}
  --project     of one project; default: all
  --json        a line for each stretch and difference

${deploymentUsage}`,

  async run(args, context) {
    const { values } = parseOptions((parseArgs) =>
      parseArgs({
        args: [...args],
        options: {
          from: { type: "string" },
          to: { type: "string" },
          project: { type: "string" },
          json: { type: "boolean", default: false },
          data: { type: "string" },
        },
      }),
    );
    const range = { project: values.project, ...minuteRange(values.from, values.to) };
    const deployment = await openDeployment(context.environment, values.data);
    const progress = progressOn(context);
    try {
      const { clickhouse } = deployment;
      let traces = 0;
      let found = 0;
      const { signal, print } = context;
      for await (const part of verify({ clickhouse, range, again: { times: 3, delayMs: 5_000 }, signal })) {
        traces += part.traces;
        found += part.differences.length;
        if (part.differences.length > 0) progress.clear();
        for (const one of part.differences) print(values.json ? JSON.stringify(one) : sentence(one));
        progress.show(`${bar(part.stretch.share)}  ${traces} traces, ${found} differences`);
      }
      progress.clear();
      const astray = await positionsAstray(deployment, context, values.json);
      const total = { traces, differences: found + astray };
      print(values.json ? JSON.stringify(total) : `${traces} traces: ${total.differences} differences`);
      return total.differences === 0 ? 0 : 1;
    } finally {
      progress.clear();
      await deployment.close();
    }
  },
};

function sentence(difference: Difference): string {
  if (difference.what === "slice") {
    const { grain, kind, project, bucket, lane, difference: how } = difference;
    return `${kind} of the ${grain} ${minuteText(bucket)}, project ${project}, lane ${lane}: ${how}`;
  }
  const { what, project, traceId } = difference;
  return `trace ${traceId} of project ${project}: ${what}`;
}

/** A commit that is past its checkpoint, or a checkpoint past the log's end, would lose records at the next start. */
async function positionsAstray(
  { kafka, clickhouse }: Deployment,
  { print, environment }: CommandContext,
  json: boolean,
): Promise<number> {
  if (!kafka) return 0;
  const group = environment.SPANHOUSE_KAFKA_GROUP ?? "spanhouse";
  const cluster = environment.SPANHOUSE_KAFKA_CLUSTER ?? "kafka";
  const checkpoints = createCheckpoints(clickhouse);
  let astray = 0;
  for (const position of await readLogPositions(kafka.connection, kafka.topic, group)) {
    const { partition, high, committed } = position;
    const next = (await checkpoints.read(cluster, kafka.topic, partition))?.nextOffset;
    const wrong = (committed ?? 0n) > (next ?? 0n) || (next ?? 0n) > high;
    const lag = high - (next ?? position.low);
    if (wrong) astray++;
    if (json) {
      print(JSON.stringify({ what: "position", partition, checkpoint: next, committed, high, lag, wrong }, bigintText));
    } else {
      const told = `partition ${partition}: rolled up to ${next ?? "nothing"}, committed ${committed ?? "nothing"}, log ends at ${high}, lag ${lag}`;
      print(wrong ? `${told}: astray` : told);
    }
  }
  return astray;
}

function bigintText(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
