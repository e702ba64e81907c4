import { join } from "node:path";
import type { ClusterOptions } from "../cluster/cluster.ts";
import { type EmbeddedServer, freePort, newUsers, startEmbeddedServer } from "./embedded-server.ts";
import type { EngineUsers } from "./engine-config.ts";

export interface EmbeddedClusterOptions {
  /** A directory in it for each shard. */
  readonly dataDir: string;
  readonly shards: number;
  readonly log?: (message: string) => void;
}

export interface EmbeddedCluster extends EngineUsers {
  /** HTTP of the first shard; any other would do. */
  readonly url: string;
  readonly cluster: ClusterOptions;
  /** Its server is killed, and what it has cannot be asked for. */
  stopShard(place: number): Promise<void>;
  /** Where it was, with what it had. */
  startShard(place: number): Promise<void>;
  stop(): Promise<void>;
}

const name = "spanhouse";

/**
 * Several ClickHouse servers from npm, each a shard. Without replicas, which this build of ClickHouse does not have: it is
 * for trying and testing how a cluster is laid out.
 */
export async function startEmbeddedCluster({ dataDir, shards, log }: EmbeddedClusterOptions): Promise<EmbeddedCluster> {
  const users = newUsers();
  const places = Array.from({ length: shards }, (_, place) => place);
  const tcpPorts = await freePorts(shards);
  const start = (place: number, httpPort: number) =>
    startEmbeddedServer({
      dataDir: join(dataDir, `shard-${place + 1}`),
      httpPort,
      shard: { cluster: { name, tcpPorts }, tcpPort: tcpPorts[place]!, users },
      ...(log && { log }),
    });
  const servers: EmbeddedServer[] = await Promise.all(places.map((place) => start(place, 0)));
  const urls = servers.map(({ url }) => url);
  const lost = new Set<number>();

  /** In order it would wait for connections that the others keep open. What is acknowledged is on disk. */
  async function kill(place: number): Promise<void> {
    if (lost.has(place)) return;
    lost.add(place);
    const { pid } = servers[place]!;
    const stopped = servers[place]!.stop();
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await stopped;
  }

  return {
    url: urls[0]!,
    ...users,
    cluster: { name, nodes: urls, replicas: 1 },
    stopShard: kill,
    async startShard(place) {
      servers[place] = await start(place, Number(new URL(urls[place]!).port));
      lost.delete(place);
    },
    async stop() {
      await Promise.all(places.map(kill));
    },
  };
}

/** The system may offer one twice. */
async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}
