import { setTimeout as sleep } from "node:timers/promises";
import type { ClickHouse } from "./clickhouse.ts";

async function readIds(clickhouse: ClickHouse): Promise<string[]> {
  const rows = await clickhouse.queryRows<[string]>("SELECT id FROM installation ORDER BY made_at, id");
  return rows.map(([id]) => id);
}

const retryMs = 2_000;

/** An id of the installation, made where there is none. Waits for a store that is away or not migrated. */
export async function installationId(clickhouse: ClickHouse, signal: AbortSignal): Promise<string> {
  for (;;) {
    try {
      const [id] = await readIds(clickhouse);
      if (id !== undefined) return id;
      await clickhouse.command("INSERT INTO installation (id) VALUES (toString(generateUUIDv4()))");
    } catch {
      await sleep(retryMs, undefined, { signal });
    }
  }
}

export interface KnownInstallation {
  readonly clickhouse: ClickHouse;
  readonly refreshMs: number;
  readonly uptime: () => number;
}

/** All its ids as they were known a while ago: asked for in the background, when somebody asks here. */
export function createKnownInstallation({ clickhouse, refreshMs, uptime }: KnownInstallation): () => readonly string[] {
  let known: readonly string[] = [];
  let asked = Number.NEGATIVE_INFINITY;
  return () => {
    if (uptime() - asked > (known.length === 0 ? retryMs : refreshMs)) {
      asked = uptime();
      void readIds(clickhouse).then(
        (ids) => {
          known = ids;
        },
        () => undefined,
      );
    }
    return known;
  };
}
