import type { ClickHouse } from "../clickhouse.ts";

/** What a group of a rule is about to do. Unix s, ends of windows. */
export interface GroupState {
  readonly key: readonly string[];
  /** Breached since; of one that fires: when it last was. */
  readonly breached?: number | undefined;
  /** Of one that fires: over since. */
  readonly over?: number | undefined;
}

/** How far a rule of a project is evaluated. */
export interface AlertProgress {
  readonly project: string;
  readonly rule: string;
  /** Unix s: the end of the last window. */
  readonly evaluatedTo: number;
  readonly states: readonly GroupState[];
  readonly settled: boolean;
  /** Why the evaluation after that failed; empty: it did not. */
  readonly problem: string;
}

/** Only ever advances. */
export interface AlertProgressTable {
  /** Durable when it resolves. An earlier end than the stored one changes nothing. */
  write(progress: AlertProgress): Promise<void>;
  read(): Promise<readonly AlertProgress[]>;
}

export function createAlertProgress(clickhouse: ClickHouse): AlertProgressTable {
  return {
    async write({ project, rule, evaluatedTo, states, settled, problem }) {
      await clickhouse.command(
        `INSERT INTO alert_progress (project, rule, evaluated_to, states, settled, problem) VALUES
         ({project:String}, {rule:String}, toDateTime({to:UInt32}, 'UTC'), {states:String}, {settled:Bool}, {problem:String})`,
        { project, rule, to: evaluatedTo, states: JSON.stringify(states), settled, problem: problem.slice(0, 400) },
      );
    },
    async read() {
      const rows = await clickhouse.query<Omit<AlertProgress, "states"> & { readonly states: string }>(
        `SELECT project, rule, toUnixTimestamp(evaluated_to) AS evaluatedTo, states, settled, problem
         FROM alert_progress FINAL ORDER BY project, rule`,
      );
      return rows.map(({ states, ...row }) => ({ ...row, states: JSON.parse(states) as readonly GroupState[] }));
    },
  };
}
