import type { AlertRule } from "@spanhouse/schemas/api/alerts";
import { parseAlertRule } from "@spanhouse/store/alerts/alert-rule";
import type { RuleHistory } from "@spanhouse/store/rule-history";
import { createJudge } from "./conditions/judge.ts";
import type { WatchedRule } from "./rule-evaluation.ts";

/** A rule of a file, or of the API. */
export interface FoundRule {
  readonly project: string;
  readonly name: string;
  readonly rule: AlertRule;
}

export interface RulesInForce {
  /** Those of the file and those of the API, of one name the API's. A rule that did not change keeps its judge. */
  read(): Promise<readonly WatchedRule[]>;
}

export function createRulesInForce(
  history: Pick<RuleHistory, "inForce">,
  ofFile: readonly FoundRule[],
  log: (message: string, detail: Readonly<Record<string, unknown>>) => void,
): RulesInForce {
  let known = new Map<string, WatchedRule & { readonly text: string }>();

  return {
    async read() {
      const stored = (await history.inForce()).flatMap(({ project, name, rule }): FoundRule[] => {
        try {
          return [{ project, name, rule: parseAlertRule(name, JSON.parse(rule)) }];
        } catch (error) {
          // Of another version of Spanhouse, which knew more.
          log("a rule is left out", { project, name, error: String(error) });
          return [];
        }
      });
      const found = new Map([...ofFile, ...stored].map((one) => [`${one.project} ${one.name}`, one]));
      known = new Map(
        [...found].map(([key, { project, name, rule }]) => {
          const text = JSON.stringify(rule);
          const before = known.get(key);
          return [key, before?.text === text ? before : { project, name, rule, text, judge: createJudge(rule) }];
        }),
      );
      return [...known.values()].filter(({ rule }) => rule.enabled);
    },
  };
}
