import type { AlertEvidence, AlertRule } from "@spanhouse/schemas/api/alerts";
import { questionOf } from "@spanhouse/store/alerts/alert-rule";
import type { ProjectReader } from "@spanhouse/store/readers/project-reader";
import { readSignalWindows } from "@spanhouse/store/readers/signal-windows";
import { keyFrom } from "../conditions/verdict.ts";
import { speedOf } from "../conditions/windows.ts";
import { filtersOf, readContributions } from "./contributions.ts";
import { readExampleTraces } from "./example-traces.ts";

/** Of an alert of a group: Unix s. */
export interface Alerted {
  readonly key: string;
  readonly since: number;
  readonly end: number;
}

const points = 30;

/** Why: the traces that show it, the series around it, and what explains it. */
export async function readEvidence(
  reader: ProjectReader,
  rule: AlertRule,
  { key, since, end }: Alerted,
): Promise<AlertEvidence> {
  const filters = filtersOf(rule, keyFrom(key));
  const question = questionOf(rule);
  const step = Math.max(60, Math.ceil(question.window / 4 / 60) * 60);
  const [traces, windows, explained] = await Promise.all([
    readExampleTraces(reader, rule.signal, filters, since - question.window, end),
    readSignalWindows(reader, { ...question, filters, groupBy: [], first: end - (points - 1) * step, last: end, step }),
    readContributions(reader, rule, { filters, since, end }),
  ]);
  return {
    traces,
    series: windows.map(({ end: at, value }) => ({
      time: new Date(at * 1000).toISOString().replace(".000Z", "Z"),
      value: value === null ? null : speedOf(rule, value),
    })),
    ...explained,
  };
}
