import type { ClickHouse } from "../clickhouse.ts";

export type AlertEventKind = "firing" | "resolved";

/** That an alert fired, or that it was resolved. */
export interface AlertEvent<Body = unknown> {
  readonly project: string;
  /** Names the episode, the same for whoever finds it. */
  readonly episode: string;
  readonly event: AlertEventKind;
  /** Unix s, of the episode. */
  readonly firedAt: number;
  /** Unix s, of the event. */
  readonly at: number;
  readonly rule: string;
  readonly group: readonly string[];
  /** Who is to be told. */
  readonly receivers: readonly string[];
  readonly body: Body;
}

/** What was sent to whom, or why not. */
export interface AlertDelivery {
  readonly project: string;
  readonly episode: string;
  readonly event: AlertEventKind;
  readonly receiver: string;
  /** From 1. */
  readonly attempt: number;
  readonly outcome: "sent" | "failed" | "abandoned";
  readonly problem: string;
  /** Unix ms. */
  readonly at: number;
}

/** An event that a receiver was not told of. */
export interface PendingNotification<Body = unknown> {
  readonly event: AlertEvent<Body>;
  readonly receiver: string;
  /** That failed. */
  readonly attempts: number;
  /** Unix ms; 0: none failed. */
  readonly lastAttempt: number;
}

/** Append-only. Of an event that is there more than once the first counts, as it may have been told. */
export interface AlertEvents<Body = unknown> {
  /** Durable when it resolves. */
  append(events: readonly AlertEvent<Body>[]): Promise<void>;
  /** Episodes that fire and were not resolved, of all projects. */
  open(): Promise<readonly AlertEvent<Body>[]>;
  /** What is still to be told, the oldest first; of one episode and receiver never the end before the beginning. */
  pending(): Promise<readonly PendingNotification<Body>[]>;
  settle(delivery: AlertDelivery): Promise<void>;
}

interface Row {
  readonly project: string;
  readonly episode: string;
  readonly event: AlertEventKind;
  readonly fired_at: number;
  readonly at: number;
  readonly rule: string;
  readonly group_key: string;
  readonly receivers: readonly string[];
  readonly body: string;
}

const first = (columns: readonly string[]) =>
  columns.map((column) => `argMin(e.${column}, e.written_at) AS ${column}`).join(", ");

const events = (where: string) => `SELECT e.project AS project, e.episode AS episode, e.event AS event,
  toUnixTimestamp(min(e.fired_at)) AS fired_at, toUnixTimestamp(argMin(e.at, e.written_at)) AS at,
  ${first(["rule", "group_key", "receivers", "body"])}
  FROM alert_events AS e WHERE ${where} GROUP BY project, episode, event`;

export function createAlertEvents<Body>(clickhouse: ClickHouse): AlertEvents<Body> {
  const eventOf = (row: Row): AlertEvent<Body> => ({
    ...{ project: row.project, episode: row.episode, event: row.event, firedAt: row.fired_at, at: row.at },
    ...{ rule: row.rule, group: JSON.parse(row.group_key), receivers: row.receivers, body: JSON.parse(row.body) },
  });
  return {
    async append(added) {
      if (added.length === 0) return;
      const rows = added.map(
        (_, i) =>
          `({project${i}:String}, toDateTime({fired${i}:UInt32}, 'UTC'), {episode${i}:String}, {event${i}:String}, toDateTime({at${i}:UInt32}, 'UTC'), {rule${i}:String}, {group${i}:String}, {receivers${i}:Array(String)}, {body${i}:String})`,
      );
      const params = added.flatMap((event, i) => [
        [`project${i}`, event.project],
        [`fired${i}`, event.firedAt],
        [`episode${i}`, event.episode],
        [`event${i}`, event.event],
        [`at${i}`, event.at],
        [`rule${i}`, event.rule],
        [`group${i}`, JSON.stringify(event.group)],
        [`receivers${i}`, event.receivers],
        [`body${i}`, JSON.stringify(event.body)],
      ]);
      await clickhouse.command(
        `INSERT INTO alert_events (project, fired_at, episode, event, at, rule, group_key, receivers, body) VALUES ${rows.join(", ")}`,
        Object.fromEntries(params),
      );
    },

    async open() {
      const rows = await clickhouse.query<Row>(
        `${events("event = 'firing' AND (project, episode) NOT IN (SELECT project, episode FROM alert_events WHERE event = 'resolved')")}
         ORDER BY fired_at, episode`,
      );
      return rows.map(eventOf);
    },

    async pending() {
      const rows = await clickhouse.query<Row & { receiver: string; attempts: string; last: string }>(
        `SELECT told.*, countIf(d.attempt > 0) AS attempts, toUnixTimestamp64Milli(max(d.at)) AS last
         FROM (SELECT *, arrayJoin(receivers) AS receiver FROM (${events("written_at > now() - INTERVAL 7 DAY")})
           WHERE (project, episode, event, receiver) NOT IN
             (SELECT project, episode, event, receiver FROM alert_deliveries WHERE outcome != 'failed')) AS told
         LEFT JOIN alert_deliveries AS d USING (project, episode, event, receiver)
         GROUP BY ALL ORDER BY at, event, episode`,
      );
      const begun = new Set<string>();
      return rows.flatMap((row) => {
        const of = `${row.project} ${row.episode} ${row.receiver}`;
        if (begun.has(of)) return [];
        begun.add(of);
        const attempts = Number(row.attempts);
        return [{ event: eventOf(row), receiver: row.receiver, attempts, lastAttempt: attempts && Number(row.last) }];
      });
    },

    async settle({ project, episode, event, receiver, attempt, outcome, problem, at }) {
      await clickhouse.command(
        `INSERT INTO alert_deliveries (project, episode, event, receiver, attempt, outcome, problem, at) VALUES
         ({project:String}, {episode:String}, {event:String}, {receiver:String}, {attempt:UInt32}, {outcome:String}, {problem:String},
          fromUnixTimestamp64Milli({at:Int64}, 'UTC'))`,
        { project, episode, event, receiver, attempt, outcome, problem: problem.slice(0, 400), at },
      );
    },
  };
}
