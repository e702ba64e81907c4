import type { Fault } from "./fault.ts";
import { quiet, recordsUnderTraffic } from "./scene.ts";
import { patienceMs, until } from "./until.ts";

/** Among the rest; first, in the middle and last in every partition. */
const poison: Fault = {
  window: "poison records",
  action: "in every position",
  async strike(scene) {
    const { log, members } = scene;
    await scene.settled();
    let share = 0;
    await scene.publish((deliveries) => log.publishPoisoned(deliveries, share++));
    return recordsUnderTraffic(scene, members[0]);
  },
};

const hugeSpans = 100_000;

/** Worked off by one consumer alone, who dies on the way; its heap is as small as everybody's. */
export const hugeTrace: Fault = {
  window: "a trace of 100,000 spans",
  action: "SIGKILL on the way",
  hugeSpans,
  async strike(scene) {
    const { members, usual, huge, log, clickhouse } = scene;
    await scene.settled();
    await Promise.all(members.map((member) => member.stop()));
    await log.publish(huge, 0);
    await usual.start();
    const traceId = huge[0]!.traceId;
    await until(
      "half of its rows",
      async () => {
        usual.mustRun();
        const [rows] = await clickhouse.queryRows<[string]>(
          "SELECT toString(count()) FROM spans WHERE trace_id = toFixedString(unhex({traceId: String}), 16)",
          { traceId },
        );
        return Number(rows![0]) >= hugeSpans / 2;
      },
      patienceMs * 3,
    );
    await usual.kill();
    await usual.start();
    await quiet(scene, patienceMs * 3);
    await usual.stop();
    await Promise.all(members.map((member) => member.start()));
    return true;
  },
};

/** What comes in the records, apart from the huge trace, which takes minutes. */
export const recordFaults: readonly Fault[] = [poison];
