import type { Fault } from "./fault.ts";
import { quiet, recordsUnderTraffic, steady } from "./scene.ts";
import { until } from "./until.ts";

const morePartitions: Fault = {
  window: "8 → 16 partitions",
  action: "under traffic",
  async strike(scene) {
    const { log } = scene;
    await scene.publish();
    await log.addPartitions(16);
    await until("records beyond the eighth partition", async () => {
      await scene.publish();
      return (await log.positions()).some(({ partition, high }) => partition >= 8 && high > 0n);
    });
    return true;
  },
};

/** What it held is worked off; what comes next has the offsets of other records. */
const topicRecreated: Fault = {
  window: "topic deleted and re-created",
  action: "at lag 0",
  async strike(scene) {
    const { log } = scene;
    await scene.settled();
    await scene.publish();
    await quiet(scene);
    const before = await log.positions();
    await log.recreate();
    await until("records in every partition", async () => {
      await scene.publish();
      return (await log.positions()).every(({ high }) => high > 0n);
    });
    await quiet(scene);
    return before.some(({ high }) => high > 0n);
  },
};

const brokerKilled: Fault = {
  window: "broker killed and restarted",
  action: "SIGKILL",
  async strike(scene) {
    await scene.settled();
    const published = scene.publish();
    await scene.stack.restartBroker(0);
    await published;
    await scene.publish();
    return true;
  },
};

/** The other two go on, with leaders of their own choice; the lost one comes back behind them. */
const leaderLost: Fault = {
  window: "a cluster of three loses a leader",
  action: "SIGKILL",
  brokers: 3,
  async strike(scene) {
    const { log, stack } = scene;
    await scene.settled();
    const leader = await log.leaderOf(0);
    const published = scene.publish();
    await stack.restartBroker(leader - 1, async () => {
      await published;
      await until("another leader", async () => ![leader, -1].includes(await log.leaderOf(0)));
      await scene.publish();
      await quiet(scene);
    });
    await scene.publish();
    return true;
  },
};

const slowMs = 100;

/** What happens on the wires between everybody and the broker. */
function onTheWire(action: string, disturb: (scene: Parameters<Fault["strike"]>[0]) => Promise<number>): Fault {
  return {
    window: "connections to the broker",
    action,
    async strike(scene) {
      await scene.settled();
      const published = scene.publish();
      const disturbed = await disturb(scene);
      await published;
      // Whoever notices joins the group again, and what it had not committed comes again.
      const goesOn = await recordsUnderTraffic(scene, scene.members[0]);
      await steady(scene, 2);
      return goesOn && disturbed > 0;
    },
  };
}

const wireFaults: readonly Fault[] = [
  onTheWire("cut", async ({ stack }) => stack.network.reduce((sum, proxy) => sum + proxy.cut(), 0)),
  onTheWire("half open", async ({ stack }) => stack.network.reduce((sum, proxy) => sum + proxy.silence(), 0)),
  onTheWire("slow", async (scene) => {
    const { network } = scene.stack;
    for (const proxy of network) proxy.slow(slowMs);
    await scene.publish();
    for (const proxy of network) proxy.slow(0);
    return network.length;
  }),
];

/** What happens to the span log, its brokers and the way to them. */
export const logFaults: readonly Fault[] = [morePartitions, topicRecreated, brokerKilled, leaderLost, ...wireFaults];
