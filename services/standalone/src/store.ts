import { mkdirSync } from "node:fs";
import type { ClickHouse, ClickHouseOptions } from "@spanhouse/store/clickhouse";
import { createClickHouse } from "@spanhouse/store/clickhouse";
import { startEmbeddedServer } from "@spanhouse/store/server/embedded-server";
import type { Logger } from "pino";

export interface Store {
  readonly clickhouse: ClickHouse;
  /** May only read. */
  readonly reader: ClickHouse;
  /** How the writer reaches it. */
  readonly options: ClickHouseOptions;
  close(): Promise<void>;
}

const database = "spanhouse";
const readOnly = { readonly: "2" } as const;

/** The ClickHouse that was named, else the one from npm under the data directory. */
export async function openStore(named: ClickHouseOptions | undefined, dataDir: string, log: Logger): Promise<Store> {
  mkdirSync(dataDir, { recursive: true });
  let closing = false;
  // That its last query was cancelled is how the engine ends.
  const said = (line: string) => (closing ? log.debug(line) : log.warn(line));
  const server = named ? undefined : await startEmbeddedServer({ dataDir, log: said });
  const writer = named ?? { url: server!.url, username: server!.username, password: server!.password, database };
  const clickhouse = createClickHouse(writer);
  const reader = createClickHouse({ ...writer, ...server?.reader, settings: readOnly });
  const store: Store = {
    clickhouse,
    reader,
    options: writer,
    async close() {
      closing = true;
      await Promise.all([clickhouse.close(), reader.close()]);
      await server?.stop();
    },
  };
  try {
    await clickhouse.createDatabase();
    await clickhouse.version();
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}
