import type { ClickHouse } from "./clickhouse.ts";

/** How far a partition of the span log is rolled up. */
export interface Checkpoint {
  readonly cluster: string;
  readonly topic: string;
  readonly partition: number;
  readonly nextOffset: bigint;
  readonly fingerprint: string;
  /** Unix milliseconds of the last record. */
  readonly recordTime: number;
  /** Unix seconds: rows of spans written from here on may not be rolled up yet. */
  readonly rolledFrom: number;
  readonly generation: number;
}

export interface Checkpoints {
  /** Durable when it resolves. */
  write(checkpoints: readonly Checkpoint[]): Promise<void>;
  read(cluster: string, topic: string, partition: number): Promise<Checkpoint | undefined>;
  /** Those of a cluster that say more say this from now on. */
  lowerRolledFrom(cluster: string, rolledFrom: number): Promise<void>;
  /** The latest `rolledFrom` of a cluster; undefined when it has no checkpoint. What an earlier one missed is delivered again. */
  rolledFrom(cluster: string): Promise<number | undefined>;
}

interface CheckpointRow {
  readonly cluster: string;
  readonly topic: string;
  readonly partition: number;
  readonly next_offset: string;
  readonly fingerprint: string;
  readonly record_time: string;
  readonly rolled_from: number;
  readonly generation: string;
}

const columns = "cluster, topic, partition, next_offset, fingerprint, record_time, rolled_from, generation, written_at";

/** Later than every one there is, though the server's clock has stepped back. */
const now =
  "greatest(now64(6), (SELECT max(written_at) + toIntervalMicrosecond(1) FROM checkpoints WHERE cluster = {cluster0:String}))";

export function createCheckpoints(clickhouse: ClickHouse): Checkpoints {
  return {
    async write(checkpoints) {
      if (checkpoints.length === 0) return;
      const rows = checkpoints.map(
        (_, i) =>
          `SELECT {cluster${i}:String}, {topic${i}:String}, {partition${i}:UInt32}, {next${i}:UInt64}, {fingerprint${i}:String}, fromUnixTimestamp64Milli({time${i}:Int64}, 'UTC'), toDateTime({from${i}:UInt32}, 'UTC'), {generation${i}:UInt64}, ${now}`,
      );
      const params = checkpoints.flatMap((checkpoint, i) => [
        [`cluster${i}`, checkpoint.cluster],
        [`topic${i}`, checkpoint.topic],
        [`partition${i}`, checkpoint.partition],
        [`next${i}`, checkpoint.nextOffset.toString()],
        [`fingerprint${i}`, checkpoint.fingerprint],
        [`time${i}`, checkpoint.recordTime],
        [`from${i}`, Math.max(0, Math.floor(checkpoint.rolledFrom))],
        [`generation${i}`, checkpoint.generation],
      ]);
      await clickhouse.command(
        `INSERT INTO checkpoints (${columns}) ${rows.join(" UNION ALL ")}`,
        Object.fromEntries(params),
      );
    },
    async read(cluster, topic, partition) {
      const [row] = await clickhouse.query<CheckpointRow>(
        `SELECT cluster, topic, partition, next_offset, fingerprint, toUnixTimestamp64Milli(record_time) AS record_time,
           toUnixTimestamp(rolled_from) AS rolled_from, generation
         FROM checkpoints FINAL WHERE cluster = {cluster:String} AND topic = {topic:String} AND partition = {partition:UInt32}`,
        { cluster, topic, partition },
      );
      if (!row) return undefined;
      return {
        cluster,
        topic,
        partition,
        nextOffset: BigInt(row.next_offset),
        fingerprint: row.fingerprint,
        recordTime: Number(row.record_time),
        rolledFrom: row.rolled_from,
        generation: Number(row.generation),
      };
    },
    async lowerRolledFrom(cluster, rolledFrom) {
      await clickhouse.command(
        `INSERT INTO checkpoints (${columns})
         SELECT * REPLACE (toDateTime({from:UInt32}, 'UTC') AS rolled_from, written_at + toIntervalMicrosecond(1) AS written_at)
         FROM (SELECT ${columns} FROM checkpoints FINAL
               WHERE cluster = {cluster:String} AND rolled_from > toDateTime({from:UInt32}, 'UTC'))`,
        { cluster, from: Math.max(0, Math.floor(rolledFrom)) },
      );
    },
    async rolledFrom(cluster) {
      const [row] = await clickhouse.query<{ rows: string; rolled_from: number }>(
        "SELECT count() AS rows, toUnixTimestamp(max(rolled_from)) AS rolled_from FROM checkpoints FINAL WHERE cluster = {cluster:String}",
        { cluster },
      );
      return row && row.rows !== "0" ? row.rolled_from : undefined;
    },
  };
}
