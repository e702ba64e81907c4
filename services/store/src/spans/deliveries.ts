import type { ClickHouse } from "../clickhouse.ts";
import { RowBinaryWriter } from "../row-binary.ts";
import { storableTime } from "./versioned-span.ts";

/** An SDK instance that has ended, and the number of its last span. */
export interface ClosedInstance {
  readonly project: string;
  /** A UUID, new for every process and destination. */
  readonly instance: string;
  /** The instance numbers its spans from 1; 0: it sent none. */
  readonly finalSequence: number;
  /** Unix nanoseconds, by the SDK's clock. */
  readonly closedAt: bigint;
}

const columns = ["project", "instance", "final_sequence", "closed_at"] as const;

/** Remembers how many spans each instance sent. Idempotent: of several numbers of one instance the greatest stays. */
export async function writeDeliveries(clickhouse: ClickHouse, closed: readonly ClosedInstance[]): Promise<void> {
  if (closed.length === 0) return;
  const body = new RowBinaryWriter();
  for (const { project, instance, finalSequence, closedAt } of closed) {
    body.string(project);
    body.string(instance);
    body.uint64(finalSequence);
    body.dateTime64(storableTime(closedAt));
  }
  await clickhouse.insert("deliveries", columns, body.bytes());
}
