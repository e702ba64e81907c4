import { readFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { ruleNameSchema } from "@spanhouse/schemas/rules/rule-content";
import type { Actor, Administration } from "@spanhouse/store/administration";
import type { RuleHistory, RuleTable, StoredRule } from "@spanhouse/store/rule-history";
import { parse as parseYaml } from "yaml";
import { parseOptions } from "../parse-options.ts";
import { tableLines } from "../table.ts";

/** What a command on rules was told. */
export interface RuleOptions {
  readonly action: string | undefined;
  readonly name: string;
  /** Empty: all projects. */
  readonly project: string;
  readonly rule: string | undefined;
  readonly file: string | undefined;
  readonly reason: string;
  readonly by: string;
  readonly json: boolean;
  readonly data: string | undefined;
}

export function parseRuleOptions(args: readonly string[]): RuleOptions {
  const { values, positionals } = parseOptions((parseArgs) =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        project: { type: "string", default: "" },
        rule: { type: "string" },
        file: { type: "string" },
        reason: { type: "string", default: "" },
        by: { type: "string", default: "" },
        json: { type: "boolean", default: false },
        data: { type: "string" },
      },
    }),
  );
  const [action, name = ""] = positionals;
  const { project, rule, file, reason, by, json, data } = values;
  return { action, name, project, rule, file, reason, by: by || userInfo().username, json, data };
}

export interface RuleActions {
  readonly administration: Administration;
  readonly history: RuleHistory;
  readonly table: RuleTable;
  readonly print: (line: string) => void;
}

/** The rule of `--rule` or `--file`, checked. Needs no store: what cannot be meant is refused before one is opened. */
export async function givenRule(
  options: RuleOptions,
  parse: (name: string, content: unknown) => unknown,
): Promise<unknown> {
  const { name, rule, file, reason } = options;
  if (!ruleNameSchema.safeParse(name).success) {
    throw new SpanhouseError(
      "CONFIG",
      `set: expected a name of letters, digits, ".", "_" and "-"; got ${JSON.stringify(name)}`,
    );
  }
  if ((rule === undefined) === (file === undefined))
    throw new SpanhouseError("CONFIG", "set: expected --rule or --file");
  if (reason === "") throw new SpanhouseError("CONFIG", "set: expected --reason, which stays with the rule");
  return parse(name, contentOf(file ?? "--rule", rule ?? (await textOf(file!))));
}

export async function setRule(options: RuleOptions, rule: unknown, actions: RuleActions): Promise<number> {
  const { administration, table, print } = actions;
  print(lineOf(await administration.setRule(actorOf(options), table, options.name, rule, options.reason)));
  return 0;
}

export async function revokeRule(options: RuleOptions, { administration, table, print }: RuleActions): Promise<number> {
  const { project, name, reason } = options;
  const revoked = await administration.revokeRule(actorOf(options), table, name, reason);
  if (!revoked) {
    print(
      `${name || "(no name)"}: ${project === "" ? "of all projects" : `project ${project}`} there is no such rule in force`,
    );
    return 1;
  }
  print(lineOf(revoked));
  return 0;
}

function actorOf({ project, by }: RuleOptions): Actor {
  return { project, by };
}

export async function listRules(
  options: RuleOptions,
  { history, print }: Pick<RuleActions, "history" | "print">,
): Promise<number> {
  const all = await (options.action === "history" ? history.history() : history.inForce());
  const rules = all.filter(({ project }) => options.project === "" || project === "" || project === options.project);
  if (options.json) for (const rule of rules) print(lineOf(rule));
  else {
    const rows = rules.map(({ project, name, version, rule, changedBy, changedAt, reason }) => [
      ...[project || "(all)", `${name}@v${version}`, rule || "(revoked)", changedBy, changedAt, reason],
    ]);
    for (const line of tableLines(["project", "rule", "says", "by", "at", "why"], rows)) print(line);
  }
  return 0;
}

function lineOf({ rule, ...stored }: StoredRule): string {
  return JSON.stringify({ ...stored, rule: rule === "" ? null : JSON.parse(rule) });
}

/** JSON is YAML too. */
function contentOf(what: string, text: string): unknown {
  try {
    return parseYaml(text);
  } catch (cause) {
    throw new SpanhouseError(
      "CONFIG",
      `${what}: expected JSON or YAML: ${cause instanceof Error ? cause.message : cause}`,
    );
  }
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new SpanhouseError("CONFIG", `--file: ${file} cannot be read`, { cause });
  }
}
