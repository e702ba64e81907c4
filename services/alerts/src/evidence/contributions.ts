import type { AlertEvidence, AlertRule } from "@spanhouse/schemas/api/alerts";
import { type Dimension, dimensions } from "@spanhouse/schemas/api/metrics";
import { questionOf } from "@spanhouse/store/alerts/alert-rule";
import type { MetricWindow } from "@spanhouse/store/readers/metric-windows";
import type { ProjectReader } from "@spanhouse/store/readers/project-reader";
import { isMeasure, isSummed, readSignalWindows, windowsProblem } from "@spanhouse/store/readers/signal-windows";

type Contribution = AlertEvidence["contributions"][number];

/** What an alert is about: the group's filters, and since when it was breached. Unix s. */
export interface Breach {
  readonly filters: ReadonlyMap<Dimension, readonly string[]>;
  readonly since: number;
  readonly end: number;
}

/** These say what kind of failure it is, not where it comes from: told apart. */
const kinds: ReadonlySet<Dimension> = new Set(["outcome", "refusal", "error_class", "price_state", "is_retry"]);
/** Nearly as many values as calls. */
const neverAsked: ReadonlySet<Dimension> = new Set(["conversation_id"]);
/** Of two that explain as much, the one that narrows it down more. */
const narrowest: readonly Dimension[] = [
  "user_id",
  "prompt",
  "credential",
  "response_model",
  "request_model",
  "feature",
];
const shown = 5;
const hour = 3600;

/**
 * Every value of every other dimension by how much of the change it explains, beyond what its size would have led one to
 * expect: a model that all of the change is of comes before the provider of it, and before a value that all calls have.
 * Compared with the hour before the breach.
 */
export async function readContributions(
  reader: ProjectReader,
  rule: AlertRule,
  { filters, since, end }: Breach,
): Promise<Pick<AlertEvidence, "contributions" | "kinds">> {
  if (!isMeasure(rule.signal)) return { contributions: [], kinds: [] };
  const question = questionOf(rule);
  const window = Math.max(question.window, Math.min(end - since + question.window, hour));
  const earlierWindow = Math.max(window, hour);
  const earlierEnd = since - question.window;
  const asked = dimensions.filter(
    (dimension) =>
      !neverAsked.has(dimension) &&
      filters.get(dimension)?.length !== 1 &&
      windowsProblem({ signal: rule.signal, groupBy: [dimension], filters }) === undefined,
  );
  const found: Awaited<ReturnType<typeof ask>>[number][] = [];
  // One after the other: an alert's reasons are not to burden the store when it matters.
  for (const dimension of asked) found.push(...(await ask(dimension)));

  async function ask(dimension: Dimension) {
    const of = { signal: rule.signal, groupBy: [dimension], filters };
    const [now, before] = await Promise.all([
      readSignalWindows(reader, { ...of, window, first: end, last: end, step: 60 }),
      readSignalWindows(reader, { ...of, window: earlierWindow, first: earlierEnd, last: earlierEnd, step: 60 }),
    ]);
    return contributionsOf(dimension, rule, now, before, window / earlierWindow);
  }

  const ranked = (of: (dimension: Dimension) => boolean) =>
    found
      .filter(({ dimension, score }) => of(dimension) && score > 0.05)
      .sort((a, b) => rounded(b.score) - rounded(a.score) || rankOf(a.dimension) - rankOf(b.dimension))
      .slice(0, shown)
      .map(({ score: _, ...contribution }) => contribution);
  return {
    contributions: ranked((dimension) => !kinds.has(dimension)),
    // All of an error rate's change is of errors: that alone tells nothing.
    kinds: ranked((dimension) => kinds.has(dimension) && dimension !== "outcome"),
  };
}

/** Nearly the same is the same, for chance alone makes a difference. */
const rounded = (score: number) => Math.round(score * 50);
const rankOf = (dimension: Dimension) => (narrowest.indexOf(dimension) + narrowest.length + 1) % (narrowest.length + 1);

/** A value's part in the whole: of a sum itself, of anything else its share of the calls times its own. */
function contributionsOf(
  dimension: Dimension,
  { signal }: AlertRule,
  now: readonly MetricWindow[],
  before: readonly MetricWindow[],
  scale: number,
): readonly (Contribution & { readonly score: number })[] {
  const calls = (windows: readonly MetricWindow[]) => windows.reduce((sum, one) => sum + (one.calls ?? 0), 0);
  const partsOf = (windows: readonly MetricWindow[], factor: number) => {
    const all = Math.max(1, calls(windows));
    return new Map(
      windows.map(({ key: [value = ""], value: measured, calls: own }) => {
        const part = isSummed(signal) ? (measured ?? 0) * factor : ((measured ?? 0) * (own ?? 0)) / all;
        return [value, { part, value: isSummed(signal) ? part : measured, weight: (own ?? 0) / all }] as const;
      }),
    );
  };
  const [later, earlier] = [partsOf(now, 1), partsOf(before, scale)];
  const sum = (parts: typeof later) => [...parts.values()].reduce((total, { part }) => total + part, 0);
  const change = sum(later) - sum(earlier);
  if (change === 0) return [];
  return [...new Set([...later.keys(), ...earlier.keys()])].map((value) => {
    const [a, b] = [earlier.get(value), later.get(value)];
    const share = ((b?.part ?? 0) - (a?.part ?? 0)) / change;
    // What its size alone would explain: of a sum that grows everywhere alike its share of it, of a rate its share of calls.
    const grown = isSummed(signal) && sum(earlier) > 0;
    const usual = grown ? (a?.part ?? 0) / sum(earlier) : (b?.weight ?? a?.weight ?? 0);
    return { dimension, value, share, before: a?.value ?? null, now: b?.value ?? null, score: share - usual };
  });
}

/** The rule's own filters, narrowed to the group. */
export function filtersOf(rule: AlertRule, key: readonly string[]): ReadonlyMap<Dimension, readonly string[]> {
  return new Map([
    ...questionOf(rule).filters,
    ...rule.group_by.map((dimension, i) => [dimension, [key[i] ?? ""]] as const),
  ]);
}
