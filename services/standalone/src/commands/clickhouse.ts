import { once } from "node:events";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { startEmbeddedCluster } from "@spanhouse/store/server/embedded-cluster";
import { startEmbeddedServer } from "@spanhouse/store/server/embedded-server";
import type { Command } from "../command.ts";
import { standaloneConfig } from "../config.ts";
import { parseOptions } from "../parse-options.ts";

export const clickhouse: Command = {
  usage: `spanhouse clickhouse [--data DIR] [--port PORT | --shards N]

  --data DIR   where everything is kept (default .spanhouse, or SPANHOUSE_DATA)
  --port PORT  of HTTP on 127.0.0.1 (default: any free one)
  --shards N   so many servers, from 2 to 16, that hold the tables together: to try a cluster on one machine

Prints the variables that tell the services of it. The password is new at each start.`,

  async run(args, { environment, signal, print }) {
    const { values } = parseOptions((parseArgs) =>
      parseArgs({
        args: [...args],
        options: {
          data: { type: "string" },
          port: { type: "string", default: "0" },
          shards: { type: "string" },
        },
      }),
    );
    if (!/^\d{1,5}$/.test(values.port)) {
      throw new SpanhouseError(
        "CONFIG",
        `--port: expected a port, or 0 for any free one; got ${JSON.stringify(values.port)}`,
      );
    }
    if (values.shards !== undefined && !/^([2-9]|1[0-6])$/.test(values.shards)) {
      throw new SpanhouseError("CONFIG", `--shards: expected 2 to 16; got ${JSON.stringify(values.shards)}`);
    }
    const dataDir = values.data ?? standaloneConfig(environment).dataDir;
    const log = (line: string) => process.stderr.write(`${line}\n`);
    const started =
      values.shards === undefined
        ? await oneServer(dataDir, Number(values.port), log)
        : await cluster(dataDir, Number(values.shards), log);
    for (const line of started.variables) print(`export ${line}`);
    if (!signal.aborted) await once(signal, "abort");
    await started.stop();
    return 0;
  },
};

interface Started {
  readonly variables: readonly string[];
  stop(): Promise<void>;
}

async function oneServer(dataDir: string, httpPort: number, log: (line: string) => void): Promise<Started> {
  const server = await startEmbeddedServer({ dataDir, httpPort, log });
  return { variables: variablesOf(server.url, server), stop: () => server.stop() };
}

async function cluster(dataDir: string, shards: number, log: (line: string) => void): Promise<Started> {
  const { url, writer, cluster, stop } = await startEmbeddedCluster({ dataDir, shards, log });
  const { name, nodes = [] } = cluster;
  return {
    variables: [
      ...variablesOf(url, writer),
      `SPANHOUSE_CLICKHOUSE_CLUSTER=${name} SPANHOUSE_CLICKHOUSE_NODES=${nodes.join(",")}`,
    ],
    stop,
  };
}

function variablesOf(url: string, { username, password }: { username: string; password: string }): string[] {
  return [
    `SPANHOUSE_CLICKHOUSE_URL=${url}`,
    `SPANHOUSE_CLICKHOUSE_USER=${username} SPANHOUSE_CLICKHOUSE_PASSWORD=${password}`,
  ];
}
