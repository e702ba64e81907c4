import { type AlertRule, secondsOf } from "@spanhouse/schemas/api/alerts";
import { questionOf } from "@spanhouse/store/alerts/alert-rule";
import type { ProjectReader } from "@spanhouse/store/readers/project-reader";
import { readSignalWindows } from "@spanhouse/store/readers/signal-windows";
import { judgeAbsent } from "./absent.ts";
import { createAnomalyJudge } from "./anomaly.ts";
import { judgeBurnRate } from "./burn-rate.ts";
import { judgeChange } from "./change.ts";
import { judgeStatic } from "./static.ts";
import type { Verdicts } from "./verdict.ts";
import type { Ends, ReadWindows } from "./windows.ts";

/**
 * What a rule says at each end. The answer depends on what is stored alone, so that a replay of history judges as the
 * evaluation did, save for spans that came later. One judge is of one rule: it may remember a baseline.
 */
export type Judge = (reader: ProjectReader, ends: Ends) => Promise<readonly Verdicts[]>;

export function createJudge(rule: AlertRule): Judge {
  const judged = judgeOf(rule);
  const question = questionOf(rule);
  return (reader, ends) => {
    const read: ReadWindows = (when, window = question.window) =>
      readSignalWindows(reader, { ...question, window, ...when });
    return judged(read, ends);
  };
}

function judgeOf(rule: AlertRule): (read: ReadWindows, ends: Ends) => Promise<readonly Verdicts[]> {
  const { condition } = rule;
  switch (condition.kind) {
    case "static":
      return (read, ends) => judgeStatic(rule, condition, read, ends);
    case "change":
      return (read, ends) => judgeChange(rule, condition, read, ends);
    case "anomaly":
      return createAnomalyJudge(rule, condition);
    case "burn_rate":
      return (read, ends) => judgeBurnRate(rule, condition, read, ends);
    case "absent":
      return (read, ends) => judgeAbsent(read, ends, secondsOf(rule.window));
  }
}
