import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClickHouse, type ClickHouseOptions, createClickHouse } from "@spanhouse/store/clickhouse";
import { startEmbeddedServer } from "@spanhouse/store/server/embedded-server";
import { startLocalCluster } from "../../../infra/kafka/local-broker.mjs";
import { freePort } from "./free-port.ts";
import { mountSmallDisk } from "./small-disk.ts";
import { createTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

/** Kafka and a ClickHouse server of this machine, empty, for one measurement. */
export interface LocalStack {
  readonly brokers: readonly string[];
  /** What everybody reaches the brokers through, one for each; empty where that was not asked for. */
  readonly network: readonly TcpProxy[];
  readonly engine: { readonly pid: number };
  /** SIGKILL to the broker at this place, then started again at the same address with the same data. */
  restartBroker(place: number, whileDown?: () => Promise<void>): Promise<void>;
  /** For logs; gone with the stack. */
  readonly directory: string;
  /** Where ClickHouse has its data, on a file system of its own that can be filled; undefined: on the machine's. */
  readonly disk: string | undefined;
  /** Where ClickHouse may write backups. */
  readonly backups: string;
  /** A connection to a database of this name, to be closed by its user. */
  database(name: string): { readonly options: ClickHouseOptions; readonly clickhouse: ClickHouse };
  versions(): Promise<Readonly<Record<string, string>>>;
  stop(): Promise<void>;
}

export interface LocalStackOptions {
  /** The brokers' own. */
  readonly properties?: Readonly<Record<string, string | number | boolean>>;
  /** How many; 1 if not told. */
  readonly brokers?: number;
  /** Whether brokers are reached through proxies, which can be disturbed. */
  readonly proxied?: boolean;
  /** Whether ClickHouse gets a small file system of its own, where this process may mount one. */
  readonly smallDisk?: boolean;
}

export async function startLocalStack({
  properties = {},
  brokers: count = 1,
  proxied = false,
  smallDisk = false,
}: LocalStackOptions = {}): Promise<LocalStack> {
  const directory = await mkdtemp(join(tmpdir(), "spanhouse-bench-"));
  const ports = await Promise.all(Array.from({ length: count }, freePort));
  const network = proxied ? await Promise.all(ports.map(createTcpProxy)) : [];
  const cluster = await startLocalCluster({
    dataDir: join(directory, "kafka"),
    ports,
    properties: (place) => ({
      ...properties,
      ...(proxied && { "advertised.listeners": `PLAINTEXT://127.0.0.1:${network[place]!.port}` }),
    }),
  });
  const dataDir = join(directory, "clickhouse");
  const disk = smallDisk ? await mountSmallDisk(dataDir) : undefined;
  const server = await startEmbeddedServer({ dataDir });
  const database = (name: string) => {
    const options = { url: server.url, username: server.username, password: server.password, database: name };
    return { options, clickhouse: createClickHouse(options) };
  };
  return {
    brokers: proxied ? network.map(({ port }) => `127.0.0.1:${port}`) : cluster.brokers,
    network,
    engine: server,
    async restartBroker(place, whileDown) {
      const proxy = network[place];
      await cluster.restart(place, async () => {
        await proxy?.refuse();
        await whileDown?.();
      });
      await proxy?.accept();
    },
    directory,
    disk: disk?.path,
    backups: join(dataDir, "backups"),
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
      await Promise.all([server.stop(), cluster.kill()]);
      for (const proxy of network) proxy.close();
      await disk?.unmount();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
