import type { AlertEpisode, AlertEvidence } from "@spanhouse/schemas/api/alerts";
import type { ProjectReader } from "./project-reader.ts";

export interface EpisodesQuestion {
  readonly rule: string | undefined;
  readonly state: "firing" | "resolved" | undefined;
  /** Unix s, of when it fired, half-open. */
  readonly from: number;
  readonly to: number;
  readonly limit: number;
}

interface Row {
  readonly episode: string;
  readonly rule: string;
  readonly fired_at: string;
  readonly body: string;
  readonly resolved: string;
  readonly notifications: readonly (readonly [string, "firing" | "resolved"])[];
}

/** What is read of a body; the rest is the alert service's own. */
interface Body extends Pick<AlertEpisode, "group" | "severity" | "summary" | "value" | "expected" | "settled"> {
  readonly evidence: AlertEvidence;
}

/** The newest first, with what was told of them. */
export async function readAlertEpisodes(
  reader: ProjectReader,
  { rule, state, from, to, limit }: EpisodesQuestion,
): Promise<readonly AlertEpisode[]> {
  const having = state === undefined ? "" : `AND resolved ${state === "firing" ? "=" : "!="} ''`;
  const rows = await reader.query<Row>(
    `SELECT episode, any(e.rule) AS rule, min(e.fired_at) AS fired_at,
       argMinIf(e.body, e.written_at, e.event = 'firing') AS body,
       if(countIf(e.event = 'resolved') = 0, '', toString(argMinIf(e.at, e.written_at, e.event = 'resolved'))) AS resolved,
       arrayDistinct(arrayFlatten(groupArray(arrayMap(one -> (one, toString(e.event)), e.receivers)))) AS notifications
     FROM alert_events AS e
     WHERE project = {project:String} AND e.fired_at >= toDateTime({from:UInt32}, 'UTC') AND e.fired_at < toDateTime({to:UInt32}, 'UTC')
       ${rule === undefined ? "" : "AND e.rule = {rule:String}"}
     GROUP BY episode HAVING countIf(e.event = 'firing') > 0 ${having}
     ORDER BY fired_at DESC, episode LIMIT {limit:UInt32}`,
    { from, to, limit, rule },
  );
  if (rows.length === 0) return [];
  const deliveries = await reader.query<{
    readonly episode: string;
    readonly event: "firing" | "resolved";
    readonly receiver: string;
    readonly attempts: string;
    readonly sent: string;
    readonly problem: string;
  }>(
    `SELECT episode, event, receiver, count() AS attempts, argMax(d.problem, attempt) AS problem,
       if(countIf(outcome = 'sent') = 0, '', toString(minIf(d.at, outcome = 'sent'))) AS sent
     FROM alert_deliveries AS d WHERE project = {project:String} AND episode IN {episodes:Array(String)}
     GROUP BY episode, event, receiver`,
    { episodes: rows.map(({ episode }) => episode) },
  );
  const told = new Map(deliveries.map((one) => [`${one.episode} ${one.event} ${one.receiver}`, one]));
  return rows.map((row) => {
    const { group, severity, summary, value, expected, settled, evidence } = JSON.parse(row.body) as Body;
    return {
      ...{ episode: row.episode, rule: row.rule, group, severity, summary, value, expected, settled, evidence },
      ...{ fired_at: row.fired_at, resolved_at: rfc3339(row.resolved) },
      notifications: row.notifications.map(([receiver, event]) => {
        const found = told.get(`${row.episode} ${event} ${receiver}`);
        return {
          ...{ receiver, event, sent_at: rfc3339(found?.sent ?? ""), problem: found?.problem ?? "" },
          attempts: Number(found?.attempts ?? 0),
        };
      }),
    };
  });
}

/** `toString` of a time is without its zone. */
function rfc3339(text: string): string | null {
  return text === "" ? null : new Date(`${text.replace(" ", "T").replace(/Z?$/, "Z")}`).toISOString();
}
