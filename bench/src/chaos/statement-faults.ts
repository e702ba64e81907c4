import { setTimeout as delay } from "node:timers/promises";
import type { Fault } from "./fault.ts";
import type { Member } from "./member.ts";
import { type Scene, steady, trafficUntil } from "./scene.ts";
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
interface Action {
  readonly name: string;
  readonly suits: (window: Window) => boolean;
  strike(caught: Caught): Promise<{ readonly fate: Fate; readonly done?: () => Promise<void> }>;
}

interface Caught {
  readonly scene: Scene;
  readonly window: Window;
  readonly member: Member;
  readonly other: Member;
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
    // Its statement, and all that it goes on with, come when another has its partitions and has recorded positions.
    name: "suspended past its session",
    suits: () => true,
    async strike({ scene, member, other }) {
      member.suspend();
      try {
        await until("the group goes on without it", async () => {
          const group = await scene.log.groupState();
          return group.state === "Stable" && group.members === 1;
        });
        await other.proxy.answered("checkpoint");
      } finally {
        member.resume();
      }
      return { fate: "go on" };
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

/** Every action at every window that it suits. */
export const statementFaults: readonly Fault[] = windows.flatMap((window) =>
  actions.filter(({ suits }) => suits(window)).map((action) => faultOf(window, action)),
);

function faultOf(window: Window, action: Action): Fault {
  return {
    window: window.name,
    action: action.name,
    async strike(scene) {
      await steady(scene, 2);
      let struck: Promise<void> | undefined;
      let over = false;
      const trapOf = (member: Member, other: Member): Trap => ({
        ...window,
        spring: (hangUp) => {
          if (struck) return Promise.resolve("go on");
          const outcome = action.strike({ scene, window, member, other, hangUp });
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
      const [one, two] = scene.members;
      one.proxy.arm(trapOf(one, two));
      two.proxy.arm(trapOf(two, one));
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
