import { userInfo } from "node:os";
import { createDerivation, loadDerivationParts, presentDerivation } from "@spanhouse/consumer/derivation";
import { reprice } from "@spanhouse/consumer/maintenance/reprice";
import { type PreviewedChange, previewReprice } from "@spanhouse/consumer/maintenance/reprice-preview";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { formatDollars } from "@spanhouse/schemas/money";
import { createActivations } from "@spanhouse/store/activations";
import type { Command } from "../command.ts";
import { standaloneConfig } from "../config.ts";
import { deploymentUsage, openDeployment } from "../deployment.ts";
import { parseOptions } from "../parse-options.ts";
import { bar, progressOn } from "../progress.ts";
import { tableLines } from "../table.ts";
import { minuteRange, minuteText, timeRangeUsage } from "../time-range.ts";

export const repriceCommand: Command = {
  usage: `spanhouse reprice [--reason TEXT] [--by WHO] [--json]
spanhouse reprice --dry-run [--from TIME] [--to TIME] [--project NAME] [--model NAME] [--json]

Activates the prices and rules of ownership that are in force now, and applies them to every stored call that is not frozen:
each by the time at which it ended, so that only what a rule touches changes. May run beside live traffic; stopped or
killed, it may be started again. Give it the environment of the consumers (SPANHOUSE_OWNERSHIP_FILE, SPANHOUSE_ESTIMATES).
Exits with 1 when a program that prices by something else goes on writing.

  --dry-run     shows what would change, by project, day and model; changes nothing
${timeRangeUsage}
  --project     of one project; default: all
  --model       of calls that this model answered
  --reason, --by  stay with the run, in the table repricings
  --json        a line for each stretch or difference

${deploymentUsage}`,

  async run(args, context) {
    const { environment, signal, print } = context;
    const { values } = parseOptions((parseArgs) =>
      parseArgs({
        args: [...args],
        options: {
          "dry-run": { type: "boolean", default: false },
          from: { type: "string" },
          to: { type: "string" },
          project: { type: "string" },
          model: { type: "string" },
          reason: { type: "string", default: "" },
          by: { type: "string", default: userInfo().username },
          json: { type: "boolean", default: false },
          data: { type: "string" },
        },
      }),
    );
    const { from, to, project, model, json } = values;
    if (!values["dry-run"] && [from, to, project, model].some((option) => option !== undefined)) {
      throw new SpanhouseError(
        "CONFIG",
        "--from, --to, --project and --model: expected only with --dry-run; prices are applied to all that is stored, or sums would be of two kinds",
      );
    }
    const range = { project, ...minuteRange(from, to) };
    const parts = await loadDerivationParts(standaloneConfig(environment).derivation);
    const deployment = await openDeployment(environment, values.data);
    const progress = progressOn(context);
    try {
      const { clickhouse } = deployment;
      const present = await presentDerivation(parts, clickhouse);
      if (values["dry-run"]) {
        const changes = await previewReprice({ clickhouse, valuate: present.valuate, range, model, signal });
        for (const line of json ? changes.map(jsonOf) : previewLines(changes)) print(line);
        return 0;
      }
      const before = await createActivations(clickhouse).latest("price");
      if (!json) print(activation(before, present.fingerprint));
      const { by: changedBy, reason } = values;
      const stretches = reprice({ clickhouse, derivation: createDerivation(parts), changedBy, reason, signal });
      let rows = 0;
      let costChange = 0n;
      for (let next = await stretches.next(); ; next = await stretches.next()) {
        progress.clear();
        if (next.done) {
          const left = next.value;
          if (json) print(JSON.stringify({ restamped: rows, costChange: formatDollars(costChange), below: left }));
          else print(`${rows} spans restamped, cost ${signed(costChange)}; ${left} below the number`);
          return left === 0 ? 0 : 1;
        }
        const { stretch, number, restamped, traces, slices } = next.value;
        rows += restamped;
        costChange += next.value.costChange;
        const [start, end] = [minuteText(stretch.from), minuteText(stretch.to)];
        print(
          json
            ? JSON.stringify({ from: start, to: end, number, restamped, traces, slices })
            : `${start} to ${end}: ${restamped} spans, ${traces} traces, ${slices} slices`,
        );
        progress.show(bar(stretch.share));
      }
    } finally {
      progress.clear();
      await deployment.close();
    }
  },
};

/** What of a fingerprint is other than before: `rules`, `ownership`, `estimates`, or the source of list prices. */
function activation(
  before: { readonly number: number; readonly fingerprint: string } | undefined,
  now: string,
): string {
  if (!before) return "activates prices and rules for the first time";
  if (before.fingerprint === now) return `prices and rules are those of number ${before.number}`;
  const known = new Set(before.fingerprint.split(";"));
  const others = now.split(";").filter((part) => !known.has(part));
  return `prices and rules are other than those of number ${before.number}: ${others.map((part) => part.split(/[@:]/)[0]).join(", ")}`;
}

function signed(pico: bigint): string {
  return `${pico > 0n ? "+" : ""}${formatDollars(pico)} USD`;
}

function jsonOf(change: PreviewedChange): string {
  return JSON.stringify(change, (_, value) => (typeof value === "bigint" ? formatDollars(value) : value));
}

function previewLines(changes: readonly PreviewedChange[]): string[] {
  if (changes.length === 0) return ["nothing would change"];
  const rows = changes.map((one) => [
    ...[one.project, one.day, one.provider, one.model, one.calls, one.repricedCalls, one.reassignedCalls],
    ...[formatDollars(one.cost), formatDollars(one.newCost), signed(one.newCost - one.cost)],
    signed(one.newEstimatedCost - one.estimatedCost),
  ]);
  const calls = ["project", "day", "provider", "model", "calls", "repriced", "other owner"];
  return tableLines([...calls, "cost", "would be", "difference", "of estimates"], rows);
}
