import type { ClickHouse } from "@spanhouse/store/clickhouse";
import type { Delivery } from "../generator/deliveries.ts";
import type { LocalStack } from "../measure/local-stack.ts";
import type { GatewayProcess } from "./gateway-process.ts";
import type { Member } from "./member.ts";
import type { SpanLog } from "./span-log.ts";
import { until } from "./until.ts";

/** What a fault finds: a consumer group at work, and everything it stands on. */
export interface Scene {
  readonly stack: LocalStack;
  readonly log: SpanLog;
  readonly clickhouse: ClickHouse;
  readonly members: readonly [Member, Member];
  /** A third one, that runs only when somebody starts it. */
  readonly guest: Member;
  readonly projects: readonly string[];
  /** Sends the next share of the traffic; when all of it is sent, an earlier share again. Straight to Kafka if not told. */
  publish(send?: (deliveries: readonly Delivery[]) => Promise<void>): Promise<void>;
  startGateway(port: number): Promise<GatewayProcess>;
}

/** The group has settled with so many members. */
export async function steady({ log, members, guest }: Scene, count: number): Promise<void> {
  await until(`a group of ${count}`, async () => {
    for (const member of [...members, guest]) member.mustRun();
    const group = await log.groupState();
    return group.state === "Stable" && group.members === count;
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
