import { type ReplayedEpisode, replayRule } from "@spanhouse/alerts/replay";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { createAdministration } from "@spanhouse/store/administration";
import { parseAlertRule } from "@spanhouse/store/alerts/alert-rule";
import { readAlertRules } from "@spanhouse/store/readers/alert-rules";
import { createProjectReader, defaultReadLimits } from "@spanhouse/store/readers/project-reader";
import { createRuleHistory } from "@spanhouse/store/rule-history";
import type { Command } from "../command.ts";
import { deploymentUsage, openDeployment } from "../deployment.ts";
import { bar, progressOn } from "../progress.ts";
import { givenRule, parseRuleOptions, revokeRule, setRule } from "../rules/rule-actions.ts";
import { tableLines } from "../table.ts";
import { minuteRange, minuteText } from "../time-range.ts";

const day = 1440;

export const alerts: Command = {
  usage: `spanhouse alerts list [--project NAME] [--json]
spanhouse alerts test NAME [--rule RULE | --file FILE] [--from TIME] [--to TIME] [--project NAME] [--json]
spanhouse alerts set NAME --rule RULE | --file FILE --reason TEXT [--project NAME] [--by WHO]
spanhouse alerts revoke NAME [--reason TEXT] [--project NAME] [--by WHO]

What is watched (docs/guides/alerts.md). test replays history: when the rule, as it is stored or as it is given, would have
fired and been over, by what is stored now; nothing is sent. A rule is JSON or YAML. Without --project of project default.

  --from, --to  of test: half-open, UTC: 2026-10, 2026-10-31 or 2026-10-31T12:00; default: the day before now

${deploymentUsage}`,

  async run(args, context) {
    const { environment, signal, print } = context;
    const { rest, from, to } = withoutRange(args);
    const options = parseRuleOptions(rest);
    const { action, name, json } = options;
    if (!["list", "test", "set", "revoke"].includes(action ?? "")) {
      throw new SpanhouseError("CONFIG", `expected list, test, set or revoke; got ${JSON.stringify(action ?? "")}`);
    }
    const project = options.project || "default";
    const given =
      action === "set" || options.rule !== undefined || options.file !== undefined
        ? await givenRule({ ...options, reason: options.reason || (action === "test" ? "a test" : "") }, asConfig)
        : undefined;
    const now = Math.floor(Date.now() / 60_000);
    const range = minuteRange(from ?? minuteText(now - day), to ?? minuteText(now));
    const deployment = await openDeployment(environment, options.data);
    const progress = progressOn(context);
    try {
      const { clickhouse } = deployment;
      const history = createRuleHistory(clickhouse, "alert_rules");
      const administration = createAdministration(clickhouse);
      const actions = { administration, table: "alert_rules", history, print } as const;
      if (action === "set") return await setRule({ ...options, project }, given, actions);
      if (action === "revoke") return await revokeRule({ ...options, project }, actions);
      const reader = () => createProjectReader(clickhouse, { ...defaultReadLimits, seconds: 600 }, project, signal);
      if (action === "list") {
        const rules = await readAlertRules(reader());
        for (const line of json ? rules.map((one) => JSON.stringify(one)) : ruleLines(rules)) print(line);
        return 0;
      }
      const stored = (await history.inForce()).find((one) => one.project === project && one.name === name)?.rule;
      if (given === undefined && stored === undefined) {
        throw new SpanhouseError("CONFIG", `project ${project} has no alert rule ${name} in force`);
      }
      const rule = parseAlertRule(name, given ?? JSON.parse(stored ?? ""));
      const [first, last] = [range.from * 60, range.to * 60];
      const told = { project, name, rule };
      const episodes = await replayRule(reader, told, first, last, (share) => progress.show(bar(share)));
      progress.clear();
      for (const line of json ? episodes.map((one) => JSON.stringify(one)) : episodeLines(episodes)) print(line);
      return 0;
    } finally {
      progress.clear();
      await deployment.close();
    }
  },
};

/** What is wrong with a rule that was given here is wrong with the arguments. */
function asConfig(name: string, content: unknown): unknown {
  try {
    return parseAlertRule(name, content);
  } catch (error) {
    throw error instanceof SpanhouseError ? new SpanhouseError("CONFIG", error.message) : error;
  }
}

/** The options of a range, which commands on other rules do not have. */
function withoutRange(args: readonly string[]) {
  const found: { from?: string; to?: string } = {};
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const [, name, value] = /^--(from|to)(?:=(.*))?$/s.exec(args[i]!) ?? [];
    if (name === undefined) rest.push(args[i]!);
    else found[name as "from" | "to"] = value ?? args[++i] ?? "";
  }
  return { rest, ...found };
}

function ruleLines(rules: Awaited<ReturnType<typeof readAlertRules>>): readonly string[] {
  return tableLines(
    ["rule", "signal", "condition", "window", "severity", "firing", "evaluated to", "problem"],
    rules.map(({ name, rule, version, firing, evaluated_to, problem }) => [
      ...[`${name}@v${version}`, rule.signal, rule.condition.kind, rule.window, rule.severity],
      ...[rule.enabled ? String(firing) : "off", evaluated_to ?? "never", problem],
    ]),
  );
}

function episodeLines(episodes: readonly ReplayedEpisode[]): readonly string[] {
  if (episodes.length === 0) return ["It would not have fired."];
  const at = (seconds: number | undefined) => (seconds === undefined ? "" : minuteText(seconds / 60));
  return tableLines(
    ["fired", "over", "summary"],
    episodes.map(({ firedAt, resolvedAt, summary }) => [at(firedAt), at(resolvedAt), summary]),
  );
}
