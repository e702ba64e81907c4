import type { AlertRule } from "@spanhouse/schemas/api/alerts";
import type { ProjectReader } from "@spanhouse/store/readers/project-reader";
import { episodeOf, groupOf, summaryOf } from "./alert-body.ts";
import { createJudge } from "./conditions/judge.ts";
import { advance } from "./group-states.ts";

/** An episode that a rule would have had. */
export interface ReplayedEpisode {
  readonly episode: string;
  /** By `keyOf`. */
  readonly key: string;
  readonly group: Readonly<Record<string, string>>;
  readonly summary: string;
  /** Unix s. */
  readonly since: number;
  readonly firedAt: number;
  /** Undefined: it fires at the end of the range. */
  readonly resolvedAt: number | undefined;
  readonly value: number | null;
  readonly expected: number | null;
}

const minute = 60;
/** So many minutes are asked for at once: what a query may read is limited. */
const stretch = 6 * 3600;

/** What the rule would have said of [from, to] (Unix s, whole minutes), by what is stored now. Sends nothing. `onShare` is
 * told how much of it is done, up to 1. */
export async function replayRule(
  reader: () => ProjectReader,
  { project, name, rule }: { readonly project: string; readonly name: string; readonly rule: AlertRule },
  from: number,
  to: number,
  onShare?: (share: number) => void,
): Promise<readonly ReplayedEpisode[]> {
  const judge = createJudge(rule);
  const open = new Map<string, ReplayedEpisode>();
  const over: ReplayedEpisode[] = [];
  let states: Parameters<typeof advance>[1]["states"] = [];
  for (let first = from; first <= to; first += stretch) {
    const last = Math.min(to, first + stretch - minute);
    const verdicts = await judge(reader(), { first, last, step: minute });
    const advanced = advance(
      rule,
      { states, firing: new Map([...open].map(([key, { firedAt }]) => [key, firedAt])) },
      verdicts,
    );
    states = advanced.states;
    onShare?.((last + minute - from) / (to + minute - from));
    for (const { event, key, end, since, verdict } of advanced.transitions) {
      const known = open.get(key);
      if (event === "resolved" && known) {
        over.push({ ...known, resolvedAt: end });
        open.delete(key);
      } else if (event === "firing") {
        open.set(key, {
          ...{ episode: episodeOf(project, name, key, end), key, group: groupOf(rule, key), since, firedAt: end },
          ...{ summary: summaryOf(name, rule, key, verdict), resolvedAt: undefined },
          ...{ value: verdict?.value ?? null, expected: verdict?.expected ?? null },
        });
      }
    }
  }
  return [...over, ...open.values()].sort((a, b) => a.firedAt - b.firedAt || (a.key < b.key ? -1 : 1));
}
