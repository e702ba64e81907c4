import type { ClickHouseOptions } from "@spanhouse/store/clickhouse";

/** Where a process stands still, so that it is killed there. */
export const holds = ["nowhere", "events written", "before sending", "sent, not noted"] as const;

export interface ProcessOptions {
  readonly clickhouse: ClickHouseOptions;
  readonly receiverUrl: string;
  /** Unix s. */
  readonly now: number;
  readonly hold: (typeof holds)[number];
}
