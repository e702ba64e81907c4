import { setTimeout as delay } from "node:timers/promises";
import type { Fault } from "./fault.ts";
import type { Member } from "./member.ts";
import { type KafkaScene, type Scene, trafficUntil } from "./scene.ts";
import type { StatementName } from "./statements.ts";
import type { Fate, Moment, Trap } from "./store-proxy.ts";
import { until } from "./until.ts";

/** A point in a consumer's work, seen from outside by the statement that it is about. */
interface Window {
  readonly name: string;
  readonly statement: StatementName;
  readonly moment: Moment;
  readonly after?: StatementName;
}

const windows: readonly Window[] = [
  { name: "after fetch", statement: "buckets", moment: "before" },
  { name: "mid-insert of spans", statement: "spans", moment: "half sent" },
  { name: "spans sent, not acknowledged", statement: "spans", moment: "running" },
  { name: "between spans and payloads", statement: "payloads", moment: "before", after: "spans" },
  { name: "rows acknowledged, nothing read", statement: "otherWriters", moment: "before" },
  { name: "during read-back", statement: "readBack", moment: "running" },
  { name: "before marks", statement: "marks", moment: "before" },
  { name: "marks raised, not heard", statement: "marks", moment: "answered" },
  { name: "mid-insert of summaries", statement: "summaries", moment: "half sent" },
  { name: "before rollup", statement: "minutes", moment: "before" },
  { name: "mid rollup", statement: "minutes", moment: "running" },
  { name: "mid fold of hours", statement: "hours", moment: "running" },
  { name: "mid fold of days", statement: "days", moment: "running" },
  { name: "before position", statement: "checkpoint", moment: "before" },
  { name: "before commit", statement: "checkpoint", moment: "answered" },
];

/** What happens there. `done`: what is still to do when the statement has gone its way. */
interface Action<In extends Scene = Scene> {
  readonly name: string;
  readonly suits: (window: Window) => boolean;
  strike(caught: Caught<In>): Promise<{ readonly fate: Fate; readonly done?: () => Promise<void> }>;
}

interface Caught<In extends Scene> {
  readonly scene: In;
  readonly window: Window;
  readonly member: Member;
  readonly hangUp: () => void;
}

/** A statement that has not been sent whole goes down with whoever was sending it; else ClickHouse goes on with it. */
const fateOf = ({ moment }: Window): Fate => (moment === "before" || moment === "half sent" ? "drop" : "go on");
const slowMs = 1_500;

const actions: readonly Action[] = [
  {
    name: "SIGKILL",
    suits: () => true,
    async strike({ member, window }) {
      await member.kill();
      return { fate: fateOf(window), done: () => member.start() };
    },
  },
  {
    name: "connection cut",
    suits: () => true,
    async strike({ hangUp, window }) {
      hangUp();
      return { fate: fateOf(window) };
    },
  },
  {
    // Nobody closes it: the client gives up when it has heard nothing for its time-out, and repeats the statement.
    name: "connection half open",
    suits: () => true,
    strike: () => Promise.resolve({ fate: "silence" }),
  },
  {
    // The client repeats it and goes on; the first one comes when positions are recorded.
    name: "connection cut, statement late",
    suits: ({ moment, statement }) => moment === "before" && statement !== "otherWriters",
    async strike({ member, hangUp }) {
      hangUp();
      await member.proxy.answered("checkpoint");
      return { fate: "go on" };
    },
  },
  {
    name: "ClickHouse killed",
    suits: () => true,
    async strike({ scene: { stack, clickhouse } }) {
      const { pid } = stack.engine;
      process.kill(pid, "SIGKILL");
      return {
        fate: "go on",
        done: () => until("ClickHouse is back", async () => stack.engine.pid !== pid && (await clickhouse.ping())),
      };
    },
  },
  {
    name: "slow",
    suits: () => true,
    async strike() {
      await delay(slowMs);
      return { fate: "go on" };
    },
  },
];

/** Its statement, and all that it goes on with, come when another has its partitions and has recorded positions. */
const suspended: Action<KafkaScene> = {
  name: "suspended past its session",
  suits: () => true,
  async strike({ scene, member }) {
    member.suspend();
    try {
      await until("the group goes on without it", async () => {
        const group = await scene.log.groupState();
        return group.state === "Stable" && group.members === 1;
      });
      await scene.members.find((one) => one !== member)!.proxy.answered("checkpoint");
    } finally {
      member.resume();
    }
    return { fate: "go on" };
  },
};

/** Every action at every window that it suits. */
export const statementFaults: readonly Fault<Scene>[] = faultsOf(actions);
export const suspensions: readonly Fault[] = faultsOf([suspended]);

function faultsOf<In extends Scene>(actions: readonly Action<In>[]): Fault<In>[] {
  return windows.flatMap((window) =>
    actions.filter(({ suits }) => suits(window)).map((action) => faultOf(window, action)),
  );
}

function faultOf<In extends Scene>(window: Window, action: Action<In>): Fault<In> {
  return {
    window: window.name,
    action: action.name,
    async strike(scene) {
      await scene.settled();
      let struck: Promise<void> | undefined;
      let over = false;
      const trapOf = (member: Member): Trap => ({
        ...window,
        spring: (hangUp) => {
          if (struck) return Promise.resolve("go on");
          const outcome = action.strike({ scene, window, member, hangUp });
          struck = outcome.then(({ done }) => done?.());
          struck
            .catch(() => undefined)
            .finally(() => {
              over = true;
            });
          return outcome.then(
            ({ fate }) => fate,
            () => "go on",
          );
        },
      });
      for (const member of scene.members) member.proxy.arm(trapOf(member));
      try {
        const hit = await trafficUntil(scene, () => struck !== undefined);
        if (!hit) return false;
        await until("the fault is over", () => over);
        await struck;
        return true;
      } finally {
        for (const { proxy } of scene.members) proxy.disarm();
      }
    },
  };
}
