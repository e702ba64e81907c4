import type { ClickHouse } from "@spanhouse/store/clickhouse";

/** The clock that rows of spans are stamped by, Unix seconds. It may step, either way. */
export interface StampingClock {
  /** As it was asked last: rows written since are stamped with no less, unless it has stepped back. */
  readonly at: number;
  /** Asks it. Resolves with the least that a row can be stamped with that was written since it was asked before. */
  ask(): Promise<number>;
}

/** The server's, which is asked for the first time here. */
export async function serverClock(clickhouse: ClickHouse, uptime: () => number): Promise<StampingClock> {
  const read = async () => ({
    at: (await clickhouse.query<{ at: number }>("SELECT toUnixTimestamp(now()) AS at"))[0]!.at,
    uptime: uptime(),
  });
  let last = await read();
  return {
    get at() {
      return last.at;
    },
    async ask() {
      const before = last;
      last = await read();
      return Math.min(before.at, last.at - Math.ceil((last.uptime - before.uptime) / 1000));
    },
  };
}

/** For a log that delivers again whatever a crash left half done, so that nobody looks for rows by their stamps. */
export function ownClock(now: () => number): StampingClock {
  const seconds = () => now() / 1000;
  return {
    get at() {
      return seconds();
    },
    ask: async () => seconds(),
  };
}
