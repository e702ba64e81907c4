import { readFileSync, writeFileSync } from "node:fs";
import type { DeadLetterBox, WaitingLetter } from "@spanhouse/bus/dead-letters";
import { createKafkaDeadLetterBox } from "@spanhouse/bus/kafka/kafka-dead-letter-box";
import { createDeadLetterTableBox } from "@spanhouse/consumer/dead-letter-table-box";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import type { Command, CommandContext } from "../command.ts";
import { type Deployment, deploymentUsage, openDeployment } from "../deployment.ts";
import { viewOf } from "../letters/letter-view.ts";
import { openReplay } from "../letters/replay.ts";
import { parseOptions } from "../parse-options.ts";
import { tableLines } from "../table.ts";

const actions = ["list", "show", "replay", "drop"] as const;

/** Which letters an action is about. */
interface Selection {
  readonly ids: ReadonlySet<string>;
  readonly project: string | undefined;
  readonly code: string | undefined;
}

export const dlq: Command = {
  usage: `spanhouse dlq list [--project NAME] [--code CODE] [--json]
spanhouse dlq show ID [--out FILE]
spanhouse dlq replay ID… | --all [--project NAME] [--code CODE] [--value FILE] [--json]
spanhouse dlq drop ID… | --all [--project NAME] [--code CODE] [--json]

Letters are records, or single spans of them, that could not be stored: their bytes, where they came from, and why.
  list    those that wait, oldest first
  show    one of them with its headers; --out writes its bytes to a file, to look at or to repair
  replay  publishes them again; one that is accepted waits no longer. --value sends a repaired file in place of one's bytes
  drop    gives them up
Exits with 1 when a letter was not found or not accepted.

${deploymentUsage}`,

  async run(args, context) {
    const { values, positionals } = parseOptions((parseArgs) =>
      parseArgs({
        args: [...args],
        allowPositionals: true,
        options: {
          project: { type: "string" },
          code: { type: "string" },
          all: { type: "boolean", default: false },
          out: { type: "string" },
          value: { type: "string" },
          json: { type: "boolean", default: false },
          data: { type: "string" },
        },
      }),
    );
    const [given, ...ids] = positionals;
    const action = actions.find((one) => one === given);
    if (!action)
      throw new SpanhouseError("CONFIG", `expected ${actions.join(", ")}; got ${JSON.stringify(given ?? "")}`);
    if (action === "show" && ids.length !== 1) throw new SpanhouseError("CONFIG", "show: expected one ID");
    if ((action === "replay" || action === "drop") && values.all === ids.length > 0) {
      throw new SpanhouseError("CONFIG", `${action}: expected IDs, or --all`);
    }
    if (values.value !== undefined && ids.length !== 1) {
      throw new SpanhouseError("CONFIG", "--value: expected one ID, whose bytes the file takes the place of");
    }
    const selection = { ids: new Set(ids), project: values.project, code: values.code };

    const deployment = await openDeployment(context.environment, values.data);
    const box = boxOf(deployment);
    const told = { ...context, tell: teller(values.json, context.print) };
    try {
      switch (action) {
        case "list":
          return await list(box, selection, values.json, context);
        case "show":
          return await show(box, selection, values.out, told);
        case "replay":
          return await replay(box, selection, deployment, values.value, told);
        case "drop":
          return await drop(box, selection, told);
      }
    } finally {
      await box.close();
      await deployment.close();
    }
  },
};

function boxOf({ kafka, clickhouse }: Deployment): DeadLetterBox {
  return kafka ? createKafkaDeadLetterBox(kafka) : createDeadLetterTableBox(clickhouse);
}

async function* selected(box: DeadLetterBox, { ids, project, code }: Selection): AsyncGenerator<WaitingLetter> {
  for await (const letter of box.waiting()) {
    const view = viewOf(letter);
    if (ids.size > 0 && !ids.has(letter.id)) continue;
    if (project !== undefined && view.project !== project) continue;
    if (code === undefined || view.code === code) yield letter;
  }
}

async function list(box: DeadLetterBox, selection: Selection, json: boolean, { print }: CommandContext) {
  const views = [];
  for await (const letter of selected(box, selection)) {
    const view = viewOf(letter);
    if (json) print(JSON.stringify(view));
    else views.push(view);
  }
  if (json) return 0;
  if (views.length === 0) print("No letter waits.");
  else {
    const rows = views.map((v) => [v.id, v.written, v.project, v.code, v.bytes, v.origin, v.message]);
    for (const line of tableLines(["ID", "WRITTEN", "PROJECT", "CODE", "BYTES", "ORIGIN", "MESSAGE"], rows))
      print(line);
  }
  return 0;
}

async function show(box: DeadLetterBox, selection: Selection, out: string | undefined, { print, tell }: Telling) {
  for await (const letter of selected(box, selection)) {
    const key = letter.key && Buffer.from(letter.key).toString("utf8");
    print(JSON.stringify({ ...viewOf(letter), key, headers: letter.headers }, undefined, 2));
    if (out !== undefined) writeFileSync(out, letter.value);
    return 0;
  }
  return missing(selection.ids, tell);
}

async function replay(
  box: DeadLetterBox,
  selection: Selection,
  deployment: Deployment,
  file: string | undefined,
  { tell, signal }: Telling,
): Promise<number> {
  const repaired = file === undefined ? undefined : readFileSync(file);
  const publisher = openReplay(deployment);
  const absent = new Set(selection.ids);
  let failures = 0;
  try {
    for await (const letter of selected(box, selection)) {
      if (signal.aborted) return 1;
      absent.delete(letter.id);
      const outcome = await publisher.publish(repaired ? { ...letter, value: repaired } : letter);
      if (outcome.kind === "accepted") {
        await box.settle(letter, "replayed");
        tell(letter.id, "replayed");
      } else {
        failures++;
        tell(letter.id, "waits", outcome.message);
      }
    }
  } finally {
    await publisher.close();
  }
  return missing(absent, tell) || (failures > 0 ? 1 : 0);
}

async function drop(box: DeadLetterBox, selection: Selection, { tell }: Telling): Promise<number> {
  const absent = new Set(selection.ids);
  for await (const letter of selected(box, selection)) {
    await box.settle(letter, "dropped");
    absent.delete(letter.id);
    tell(letter.id, "dropped");
  }
  return missing(absent, tell);
}

type Tell = (id: string, outcome: "replayed" | "waits" | "dropped" | "missing", message?: string) => void;

type Telling = CommandContext & { readonly tell: Tell };

/** What became of a letter, as a line for a person or a program. */
function teller(json: boolean, print: (line: string) => void): Tell {
  if (json) return (id, outcome, message) => print(JSON.stringify({ id, outcome, message }));
  return (id, outcome, message) => {
    if (outcome === "missing") print(`${id}: no such letter waits`);
    else print(outcome === "waits" ? `${id} still waits: ${message}` : `${id} ${outcome}`);
  };
}

function missing(ids: ReadonlySet<string>, tell: Tell): number {
  for (const id of ids) tell(id, "missing");
  return ids.size > 0 ? 1 : 0;
}
