import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClickHouse, type ClickHouseOptions, createClickHouse } from "@spanhouse/store/clickhouse";
import { startEmbeddedServer } from "@spanhouse/store/server/embedded-server";
import { startLocalBroker } from "../../../infra/kafka/local-broker.mjs";

/** A Kafka broker and a ClickHouse server of this machine, empty, for one measurement. */
export interface LocalStack {
  readonly brokers: readonly string[];
  readonly engine: { readonly pid: number };
  /** SIGKILL, then started again at the same address with the same data. */
  restartBroker(): Promise<void>;
  /** For logs; gone with the stack. */
  readonly directory: string;
  /** A connection to a database of this name, to be closed by its user. */
  database(name: string): { readonly options: ClickHouseOptions; readonly clickhouse: ClickHouse };
  versions(): Promise<Readonly<Record<string, string>>>;
  stop(): Promise<void>;
}

/** `properties`: the broker's own. */
export async function startLocalStack(
  properties: Readonly<Record<string, string | number | boolean>> = {},
): Promise<LocalStack> {
  const directory = await mkdtemp(join(tmpdir(), "spanhouse-bench-"));
  const kafka = { dataDir: join(directory, "kafka"), properties };
  let broker = await startLocalBroker(kafka);
  const port = Number(broker.brokers[0]!.split(":")[1]);
  const server = await startEmbeddedServer({ dataDir: join(directory, "clickhouse") });
  const database = (name: string) => {
    const options = { url: server.url, username: server.username, password: server.password, database: name };
    return { options, clickhouse: createClickHouse(options) };
  };
  return {
    brokers: broker.brokers,
    engine: server,
    async restartBroker() {
      await broker.kill();
      broker = await startLocalBroker({ ...kafka, port });
    },
    directory,
    database,
    async versions() {
      const { clickhouse } = database("system");
      try {
        return { clickhouse: await clickhouse.version() };
      } finally {
        await clickhouse.close();
      }
    },
    async stop() {
      await Promise.all([server.stop(), broker.kill()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
