import type { ClickHouse } from "@spanhouse/store/clickhouse";
import type { Delivery } from "../generator/deliveries.ts";
import type { LocalStack } from "../measure/local-stack.ts";
import type { GatewayProcess } from "./gateway-process.ts";
import type { Member } from "./member.ts";
import type { SpanLog } from "./span-log.ts";
import { patienceMs, until } from "./until.ts";

/** What a fault finds: consumers at work, and everything they stand on. */
export interface Scene {
  readonly stack: LocalStack;
  readonly clickhouse: ClickHouse;
  /** Each is a process that takes spans to the store, behind a proxy of its own. */
  readonly members: readonly Member[];
  readonly projects: readonly string[];
  /** Sends the next share of the traffic; when all of it is sent, an earlier share again. Straight to the log if not told. */
  publish(send?: (deliveries: readonly Delivery[]) => Promise<void>): Promise<void>;
  /** Resolves when all members are at work; throws where one has ended by itself. */
  settled(): Promise<void>;
}

/** Members are a consumer group of two over Kafka. */
export interface KafkaScene extends Scene {
  readonly log: SpanLog;
  readonly members: readonly [Member, Member];
  /** A third one, that runs only when somebody starts it. */
  readonly guest: Member;
  /** One more, with the flushes that consumers have where nobody chooses others; runs only when somebody starts it. */
  readonly usual: Member;
  /** Deliveries of the trace that a fault asked for. */
  readonly huge: readonly Delivery[];
  /** Asks `spanhouse verify` at rest; what it finds is the run's. */
  verify(): Promise<void>;
  /** What Node runs as a consumer. */
  readonly program: readonly string[];
  startGateway(port: number): Promise<GatewayProcess>;
}

type Group = Pick<KafkaScene, "log" | "members" | "guest" | "usual">;

/** The group has settled with so many members. */
export async function steady({ log, members, guest, usual }: Group, count: number): Promise<void> {
  await until(`a group of ${count}`, async () => {
    for (const member of [...members, guest, usual]) member.mustRun();
    const group = await log.groupState();
    return group.state === "Stable" && group.members === count;
  });
}

/** Every record of every partition is stored, rolled up and committed. */
export async function quiet({ log, members, guest, usual }: Group, withinMs: number = patienceMs): Promise<void> {
  await until(
    "lag 0 on every partition",
    async () => {
      const positions = await log.positions();
      return positions.every(({ high, committed }) => (committed ?? 0n) === high);
    },
    withinMs,
  ).catch((error: unknown) => {
    for (const member of [...members, guest, usual]) member.mustRun();
    throw error;
  });
}

/** How long a share of the traffic may take to bring a consumer into a window. */
const shareMs = 20_000;
const shares = 8;

/** Sends traffic until `happened`; false where much of it brought nothing about. */
export async function trafficUntil(scene: Scene, happened: () => boolean): Promise<boolean> {
  for (let share = 0; share < shares; share++) {
    await scene.publish();
    if (
      await until("the window", happened, shareMs).then(
        () => true,
        () => false,
      )
    )
      return true;
  }
  return false;
}

/** Sends traffic until a member has recorded positions; false where much of it brought none about. */
export function recordsUnderTraffic(scene: Scene, member: Member): Promise<boolean> {
  return trafficUntil(scene, heard(member.proxy.answered("checkpoint")));
}

/** Whether it has come by now. */
export function heard(event: Promise<void>): () => boolean {
  let come = false;
  event.then(
    () => {
      come = true;
    },
    () => undefined,
  );
  return () => come;
}
