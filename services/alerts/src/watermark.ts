import type { ClickHouse } from "@spanhouse/store/clickhouse";

/** Unix s: every span that was received before is rolled up, as far as anybody knows. 0: nobody knows. */
export type Watermark = () => Promise<number>;

/** A partition from which nothing has come for so long has nothing that one could wait for, s. */
const idleAfter = 600;

/** By what consumers have rolled of each partition of the span log: the one that is farthest behind decides. */
export function createCheckpointWatermark(clickhouse: ClickHouse): Watermark {
  return async function checkpointWatermark() {
    const [row] = await clickhouse.query<{ behind: number }>(
      `SELECT toUnixTimestamp(minIf(record_time, record_time > now() - toIntervalSecond({idle:UInt32}))) AS behind
       FROM checkpoints FINAL`,
      { idle: idleAfter },
    );
    return row?.behind ?? 0;
  };
}
