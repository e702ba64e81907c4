import type { ClickHouse } from "../clickhouse.ts";
import { createProjects, everyProject, type Frozen } from "../projects.ts";
import { type DropLines, type Dropped, dropBelow } from "./drop-below.ts";
import { createRetentions, type RetentionSettings } from "./retentions.ts";

export interface RetentionReport {
  /** Lines that have moved, Unix seconds. */
  readonly frozen: readonly { readonly project: string; readonly until: number }[];
  readonly dropped: readonly Dropped[];
}

export interface RetentionOptions {
  readonly clickhouse: ClickHouse;
  readonly signal: AbortSignal;
  /** How long a line must stand before anything below it is dropped, seconds: longer than any consumer goes by an older one. */
  readonly graceSeconds?: number;
}

const day = 86_400;
/** For so many days after its first spans went it is known when a trace began. */
const tracesGoOn = 30;
const defaultGraceSeconds = 600;

/**
 * One pass: freezes what is about to go, a day ahead, then drops what is past its time. Only whole days, and of what is
 * recomputed only what was frozen before. Any number of processes may do it at once, and be killed anywhere: every step
 * says what is to be so, and is harmless when it is.
 */
export async function applyRetention(options: RetentionOptions): Promise<RetentionReport> {
  const { clickhouse, signal, graceSeconds = defaultGraceSeconds } = options;
  const settings = await createRetentions(clickhouse).current();
  const today = Math.floor((await serverSeconds(clickhouse)) / day) * day;
  const names = await projectNames(clickhouse, settings);
  const moved = await freeze(clickhouse, settings, names, today);
  const frozen = await createProjects(clickhouse).frozen();
  const now = await serverSeconds(clickhouse);

  const past = (days: number) => (days === 0 ? 0 : today - days * day);
  /** Of what sums are made of: a day below a line that every consumer knows by now. */
  const settled = (project: string, days: number) => {
    const line = [frozen.get(project), frozen.get(everyProject)].reduce(
      (greatest, one) => (one && one.at + graceSeconds <= now ? Math.max(greatest, one.until) : greatest),
      0,
    );
    return Math.max(0, Math.min(line - day, past(days)));
  };
  const lines = (lineOf: (project: string) => number): DropLines => ({
    ofProject: new Map(names.map((name) => [name, lineOf(name)])),
    // A project that is yet to be made says nothing itself.
    ofAll: Math.min(lineOf(everyProject), ...names.map(lineOf)),
  });
  const ofSpans = lines((project) => settled(project, settings.of(project).spans));
  const ofBuckets = lines((project) => settled(project, settings.of(project).spans) - tracesGoOn * day);
  const ofRollups = lines((project) => settled(project, settings.of(project).rollups));
  const ofPayloads = lines((project) => {
    const { payloads, spans } = settings.of(project);
    return Math.max(past(payloads), settled(project, spans));
  });
  const ofOpen = lines((project) => now - settings.of(project).open_spans * day);

  const dropped: Dropped[] = [];
  const drop = async (table: string, by: string, drops: DropLines) => {
    dropped.push(...(await dropBelow({ clickhouse, table, by, lines: drops, signal })));
  };
  await drop("span_payloads", "bucket", ofPayloads);
  for (const table of ["spans", "traces"]) await drop(table, "bucket", ofSpans);
  await drop("trace_buckets", "bucket", ofBuckets);
  await drop("scores", "given_at", ofSpans);
  for (const table of ["rollup_minute", "rollup_hour", "rollup_day"]) await drop(table, "bucket", ofRollups);
  await drop("open_spans", "written_at", ofOpen);
  return { frozen: moved, dropped };
}

async function freeze(
  clickhouse: ClickHouse,
  settings: RetentionSettings,
  names: readonly string[],
  today: number,
): Promise<RetentionReport["frozen"]> {
  const projects = createProjects(clickhouse);
  const before = await projects.frozen();
  const lineOf = (project: string) => {
    const { spans } = settings.of(project);
    return spans === 0 ? 0 : today - (spans - 1) * day;
  };
  const least = Math.min(lineOf(everyProject), ...names.map(lineOf));
  const moved: { project: string; until: number }[] = [];
  const known = (of: Frozen | undefined) => of?.until ?? 0;
  for (const [project, until] of [
    [everyProject, least] as const,
    ...names.map((name) => [name, lineOf(name)] as const),
  ]) {
    if (until <= known(before.get(project))) continue;
    await projects.freeze(project, until);
    moved.push({ project, until });
  }
  return moved;
}

/** Those that were made, have stored something, or are spoken of. */
async function projectNames(clickhouse: ClickHouse, { projects }: RetentionSettings): Promise<readonly string[]> {
  const stored = await clickhouse.queryRows<[string]>(
    `SELECT DISTINCT project FROM projects UNION DISTINCT SELECT DISTINCT project FROM spans
     UNION DISTINCT SELECT DISTINCT project FROM rollup_day`,
  );
  const names = new Set([...stored.map(([name]) => name), ...projects]);
  names.delete(everyProject);
  return [...names].sort();
}

async function serverSeconds(clickhouse: ClickHouse): Promise<number> {
  const [row] = await clickhouse.queryRows<[number]>("SELECT toUnixTimestamp(now())");
  return row![0];
}
