import type { Incident } from "./incidents.ts";

/** An episode as a detector told it. */
export interface Alarm {
  readonly group: Readonly<Record<string, string>>;
  /** Unix s. */
  readonly firedAt: number;
}

/** What came of an incident. */
export interface Finding<Episode extends Alarm = Alarm> {
  readonly incident: Incident;
  /** The first episode of the rule that is to find it; undefined: none did. */
  readonly episode: Episode | undefined;
  /** From the incident's first minute to the end of the window that fired, minutes. */
  readonly minutes: number;
}

/** What an incident moves for so long after it is no false alarm: windows still have it, and what it broke comes back. */
const afterwards = 15;

/** Held against the incidents of a rule's kind. */
export function findingsOf<Episode extends Alarm>(
  incidents: readonly Incident[],
  kinds: readonly Incident["kind"][],
  episodes: readonly Episode[],
): readonly Finding<Episode>[] {
  return incidents
    .filter(({ kind }) => kinds.includes(kind))
    .map((incident) => {
      const episode = episodes.find(
        ({ group, firedAt }) =>
          group.service === incident.service.name &&
          firedAt / 60 > incident.from &&
          firedAt / 60 <= incident.to + (incident.kind === "drift" ? 0 : 5),
      );
      return { incident, episode, minutes: episode === undefined ? Infinity : episode.firedAt / 60 - incident.from };
    });
}

/** Episodes that no incident of their service explains, of whatever kind. */
export function falseAlarms<Episode extends Alarm>(
  incidents: readonly Incident[],
  episodes: readonly Episode[],
): readonly Episode[] {
  return episodes.filter(
    ({ group, firedAt }) =>
      !incidents.some(
        ({ service, from, to }) =>
          service.name === group.service && firedAt / 60 > from && firedAt / 60 <= to + afterwards,
      ),
  );
}
