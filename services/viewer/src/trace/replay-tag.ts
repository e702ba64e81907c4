/** The tag that `spanhouse replay` gives a new run's root: replays of a trace are found by it. */
const prefix = "replay_of:";

export const replayTagOf = (traceId: string): string => `${prefix}${traceId}`;

/** The trace that a trace with these tags replays; undefined: it is no replay. */
export function replayedTrace(tags: readonly string[]): string | undefined {
  return tags.find((tag) => tag.startsWith(prefix))?.slice(prefix.length);
}
