import type { Fault } from "./fault.ts";
import { heard, steady, trafficUntil } from "./scene.ts";
import type { Moment } from "./store-proxy.ts";
import { until } from "./until.ts";

/** A third member joins, and a first one dies before the group has settled. */
const duringRebalance: Fault = {
  window: "during rebalance",
  action: "SIGKILL",
  async strike(scene) {
    const { members, guest, log } = scene;
    await scene.settled();
    await scene.publish();
    await guest.start();
    let rebalancing = false;
    await until("a rebalance", async () => {
      const { state, members } = await log.groupState();
      rebalancing = state !== "Stable";
      return rebalancing || members === 3;
    });
    await members[0].kill();
    await scene.publish();
    await members[0].start();
    await steady(scene, 3);
    await guest.stop();
    return rebalancing;
  },
};

/** One comes and works, another goes in order, under traffic. */
const joinAndLeave: Fault = {
  window: "members join and leave",
  action: "SIGTERM",
  async strike(scene) {
    const { members, guest } = scene;
    await scene.settled();
    await guest.start();
    const worked = heard(guest.proxy.answered("checkpoint"));
    const happened = await trafficUntil(scene, worked);
    await members[1].stop();
    await scene.publish();
    await members[1].start();
    await guest.stop();
    return happened;
  },
};

/** Asked to end, a consumer rolls and records what it has; there it dies. */
function inShutdown(moment: Moment, name: string): Fault {
  return {
    window: `in shutdown, ${name}`,
    action: "SIGTERM, then SIGKILL",
    async strike(scene) {
      const [member] = scene.members;
      await scene.settled();
      for (let attempt = 0; attempt < 8; attempt++) {
        if (!(await trafficUntil(scene, heard(member.proxy.answered("summaries"))))) return false;
        let killed = false;
        member.proxy.arm({
          statement: "checkpoint",
          moment,
          spring: async () => {
            killed = true;
            await member.kill();
            return moment === "before" ? "drop" : "go on";
          },
        });
        // Killed on the way it has not ended in order, which is what was wanted.
        await member.stop().catch(() => undefined);
        member.proxy.disarm();
        await member.start();
        if (killed) return true;
      }
      return false;
    },
  };
}

/** What happens to the group. */
export const groupFaults: readonly Fault[] = [
  duringRebalance,
  joinAndLeave,
  inShutdown("before", "before position"),
  inShutdown("answered", "before commit"),
];
