import { rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Fault } from "./fault.ts";
import { trafficStartMs } from "./planned-traffic.ts";
import { heard, type KafkaScene, quiet, recordsUnderTraffic, trafficUntil } from "./scene.ts";
import { until } from "./until.ts";

/** Resolves to true when ClickHouse has refused something that a member asked. */
async function refusedUnderTraffic(scene: KafkaScene): Promise<boolean> {
  const [one, two] = scene.members;
  return trafficUntil(scene, heard(Promise.race([one.proxy.refused(), two.proxy.refused()])));
}

const mebibyte = new Uint8Array(1024 * 1024);

/** Filled to its last byte, under traffic; then there is room again. */
const diskFull: Fault = {
  window: "disk full under ClickHouse",
  action: "the file system",
  async strike(scene) {
    const { disk } = scene.stack;
    if (disk === undefined) throw new Error("no file system of its own for ClickHouse: only root may mount one");
    await scene.settled();
    await scene.publish();
    const ballast = join(disk, "ballast");
    try {
      for (let left = Number.POSITIVE_INFINITY; left > 0; ) {
        const { bavail, bsize } = await statfs(disk);
        left = bavail * bsize;
        await writeFile(ballast, mebibyte.subarray(0, Math.min(left, mebibyte.length)), { flag: "a" }).catch(
          () => undefined,
        );
      }
      return await refusedUnderTraffic(scene);
    } finally {
      await rm(ballast, { force: true });
      await until("ClickHouse answers", () => scene.clickhouse.ping());
    }
  },
};

/** The server's own reserve, which it refuses inserts by before the disk is full: of every table at once. */
const diskReserved: Fault = {
  window: "disk full under ClickHouse",
  action: "the server's reserve",
  async strike(scene) {
    const { clickhouse } = scene;
    await scene.settled();
    const set = async (change: string) => {
      const tables = await clickhouse.query<{ name: string }>(
        "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree'",
      );
      for (const { name } of tables) await clickhouse.command(`ALTER TABLE ${name} ${change}`);
    };
    await set("MODIFY SETTING min_free_disk_bytes_to_perform_insert = 1000000000000000");
    try {
      return await refusedUnderTraffic(scene);
    } finally {
      await set("RESET SETTING min_free_disk_bytes_to_perform_insert");
    }
  },
};

/**
 * Taken under traffic, checkpoints first, so that they are not younger than the tables; laid back when the group has committed far beyond
 * it. What the store then lacks is in the log.
 */
const backupRestored: Fault = {
  window: "ClickHouse restored from an older backup",
  action: "than the committed offsets",
  async strike(scene) {
    const { clickhouse, log, members, publish, stack } = scene;
    const { database } = clickhouse;
    // One that does not stand in the database that it drops.
    const { clickhouse: outside } = stack.database("system");
    await scene.settled();
    await publish();
    await members[0].proxy.answered("checkpoint");
    const published = publish();
    const name = (what: string) => `File('${join(stack.backups, `${database}-${what}`)}')`;
    await outside.command(`BACKUP TABLE ${database}.checkpoints TO ${name("checkpoints")}`);
    await outside.command(`BACKUP DATABASE ${database} EXCEPT TABLES ${database}.checkpoints TO ${name("rest")}`);
    await published;
    const then = await committedRecords(scene);
    await until("the group to commit more", async () => {
      await publish();
      return (await committedRecords(scene)) > then;
    });
    await Promise.all(members.map((member) => member.kill()));
    await Promise.all(members.map(({ proxy }) => proxy.settled()));
    await outside.command(`DROP DATABASE ${database} SYNC`);
    await outside.command(`RESTORE DATABASE ${database} FROM ${name("rest")}`);
    await outside.command(`RESTORE TABLE ${database}.checkpoints FROM ${name("checkpoints")}`);
    await outside.close();
    await Promise.all(members.map((member) => member.start()));
    return (await log.positions()).some(({ committed }) => committed !== undefined);
  },
};

async function committedRecords({ log }: KafkaScene): Promise<bigint> {
  return (await log.positions()).reduce((sum, { committed }) => sum + (committed ?? 0n), 0n);
}

/**
 * Hours and days that were folded are open again by the server's clock, and late spans come for them. Asked at rest while
 * it stands so, for when they close once more all of it is folded anyway.
 */
const serverClock: Fault = {
  window: "ClickHouse's clock steps",
  action: "back into the traffic's hours",
  async strike(scene) {
    const { members, publish } = scene;
    await scene.settled();
    const folded = members[0].proxy.answered("hours");
    await publish();
    await folded;
    await quiet(scene);
    const step = Math.round((trafficStartMs + 90 * 60_000 - Date.now()) / 1000);
    for (const { proxy } of members) proxy.stepClock(step);
    try {
      await publish();
      await publish();
      await quiet(scene);
      await scene.verify();
      return true;
    } finally {
      for (const { proxy } of members) proxy.stepClock(0);
    }
  },
};

export const consumerClocks: Fault = {
  window: "clock steps of consumers",
  action: "an hour on, two back, one on",
  async strike(scene) {
    const { members } = scene;
    await scene.settled();
    let recorded = 0;
    for (let step = 0; step < 3; step++) {
      for (const member of members) member.stepClock();
      if (await recordsUnderTraffic(scene, members[step % 2]!)) recorded++;
    }
    return recorded === 3;
  },
};

/** What happens under ClickHouse, and to its clock. */
export const storeFaults: readonly Fault[] = [diskFull, diskReserved, backupRestored, serverClock];
