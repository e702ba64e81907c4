import type { AlertRule } from "@spanhouse/schemas/api/alerts";
import type { AlertEvent, AlertEvents } from "@spanhouse/store/alerts/alert-events";
import type { AlertProgress, AlertProgressTable } from "@spanhouse/store/alerts/alert-progress";
import type { ProjectReader } from "@spanhouse/store/readers/project-reader";
import { type AlertBody, episodeOf, groupOf, noEvidence, summaryOf } from "./alert-body.ts";
import type { Judge } from "./conditions/judge.ts";
import { keyFrom, keyOf } from "./conditions/verdict.ts";
import type { DueMinutes } from "./due-minutes.ts";
import { readEvidence } from "./evidence/evidence.ts";
import { advance, type Transition } from "./group-states.ts";

/** A rule in force. */
export interface WatchedRule {
  readonly project: string;
  readonly name: string;
  readonly rule: AlertRule;
  readonly judge: Judge;
}

export interface EvaluationParts {
  readonly events: Pick<AlertEvents<AlertBody>, "append">;
  readonly progress: Pick<AlertProgressTable, "write">;
  /** Names of those that are configured: a rule that names none tells them all. */
  readonly receivers: readonly string[];
  readonly log: (message: string, detail: Readonly<Record<string, unknown>>) => void;
}

export interface Standing {
  readonly progress: AlertProgress | undefined;
  /** Of this rule. */
  readonly open: readonly AlertEvent<AlertBody>[];
}

const minute = 60;

/**
 * Judges the minutes that are due and writes what came of them: events first, then how far it is. Whoever repeats this,
 * for it died between the two or ran twice, finds the events there, takes their groups for firing, and tells nothing again.
 */
export async function evaluateRule(
  { project, name, rule, judge }: WatchedRule,
  { first, last, settled }: DueMinutes,
  { progress, open }: Standing,
  reader: ProjectReader,
  parts: EvaluationParts,
): Promise<readonly AlertEvent<AlertBody>[]> {
  const verdicts = await judge(reader, { first, last, step: minute });
  const firing = new Map(open.map((event) => [keyOf(event.group), event]));
  const since = new Map([...firing].map(([key, { firedAt }]) => [key, firedAt]));
  const before = { states: progress?.states ?? [], firing: since };
  const { states, transitions } = advance(rule, before, verdicts);

  const receivers = rule.receivers.length === 0 ? parts.receivers : rule.receivers;
  const events: AlertEvent<AlertBody>[] = [];
  const begun = new Map(firing);
  for (const transition of transitions) {
    const event = await eventOf(transition);
    events.push(event);
    if (transition.event === "firing") begun.set(transition.key, event);
    else begun.delete(transition.key);
  }
  await parts.events.append(events);
  await parts.progress.write({ project, rule: name, evaluatedTo: last, states, settled, problem: "" });
  return events;

  async function eventOf(transition: Transition): Promise<AlertEvent<AlertBody>> {
    const { key, end, event, verdict } = transition;
    const known = begun.get(key);
    const evidence = event === "firing" ? await evidenceOf(transition) : (known?.body.evidence ?? noEvidence);
    return {
      ...{ project, rule: name, event, receivers: known?.receivers ?? receivers, group: keyFrom(key), at: end },
      ...{ episode: known?.episode ?? episodeOf(project, name, key, end), firedAt: known?.firedAt ?? end },
      body: {
        ...{ group: groupOf(rule, key), severity: rule.severity, signal: rule.signal, labels: rule.labels, settled },
        ...{ summary: known?.body.summary ?? summaryOf(name, rule, key, verdict), evidence },
        ...{ value: verdict?.value ?? null, expected: verdict?.expected ?? null },
      },
    };
  }

  /** An alert without its reasons is better than none. */
  async function evidenceOf({ key, end, since }: Transition) {
    try {
      return await readEvidence(reader, rule, { key, end, since });
    } catch (error) {
      parts.log("an alert is told without its reasons", { project, rule: name, error: String(error) });
      return noEvidence;
    }
  }
}
