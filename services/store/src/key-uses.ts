import type { Authentication, KeyAuthority } from "./api-keys.ts";
import type { ClickHouse } from "./clickhouse.ts";

export interface KeyUseOptions {
  /** One write for all keys that were seen, at most so often. */
  readonly everyMs: number;
  /** Unix ms. */
  readonly now: () => number;
  readonly uptime: () => number;
  readonly log: (message: string, detail: Readonly<Record<string, unknown>>) => void;
}

/**
 * The same authority, which remembers when each key was last granted. A write that fails is lost, and nobody waits for it:
 * the time is for people who wonder whether a key is still in use.
 */
export function rememberingUse(keys: KeyAuthority, clickhouse: ClickHouse, options: KeyUseOptions): KeyAuthority {
  const { everyMs, now, uptime, log } = options;
  let seen = new Map<string, number>();
  let writtenAt = Number.NEGATIVE_INFINITY;

  function remember(granted: Extract<Authentication, { kind: "granted" }>): void {
    seen.set(granted.keyId, Math.floor(now() / 1000));
    const at = uptime();
    if (at - writtenAt < everyMs) return;
    writtenAt = at;
    const uses = [...seen];
    seen = new Map();
    clickhouse
      .command(
        `INSERT INTO key_uses SELECT id, toDateTime(at, 'UTC')
         FROM (SELECT arrayJoin(arrayZip({ids:Array(String)}, {times:Array(UInt32)})) AS use, use.1 AS id, use.2 AS at)`,
        { ids: uses.map(([id]) => id), times: uses.map(([, time]) => time) },
      )
      .catch((error: unknown) => log("uses of keys are not remembered", { error: String(error) }));
  }

  return {
    async authenticate(key) {
      const found = await keys.authenticate(key);
      if (found.kind === "granted") remember(found);
      return found;
    },
  };
}
