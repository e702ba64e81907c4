import { once } from "node:events";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { startEmbeddedServer } from "@spanhouse/store/server/embedded-server";
import type { Command } from "../command.ts";
import { standaloneConfig } from "../config.ts";
import { parseOptions } from "../parse-options.ts";

export const clickhouse: Command = {
  usage: `spanhouse clickhouse [--data DIR] [--port PORT]

  --data DIR   where everything is kept (default .spanhouse, or SPANHOUSE_DATA)
  --port PORT  of HTTP on 127.0.0.1 (default: any free one)

Prints the variables that tell the services of it. The password is new at each start.`,

  async run(args, { environment, signal, print }) {
    const { values } = parseOptions((parseArgs) =>
      parseArgs({
        args: [...args],
        options: { data: { type: "string" }, port: { type: "string", default: "0" } },
      }),
    );
    if (!/^\d{1,5}$/.test(values.port)) {
      throw new SpanhouseError(
        "CONFIG",
        `--port: expected a port, or 0 for any free one; got ${JSON.stringify(values.port)}`,
      );
    }
    const server = await startEmbeddedServer({
      dataDir: values.data ?? standaloneConfig(environment).dataDir,
      httpPort: Number(values.port),
      log: (line) => process.stderr.write(`${line}\n`),
    });
    print(`export SPANHOUSE_CLICKHOUSE_URL=${server.url}`);
    print(`export SPANHOUSE_CLICKHOUSE_USER=${server.username} SPANHOUSE_CLICKHOUSE_PASSWORD=${server.password}`);
    if (!signal.aborted) await once(signal, "abort");
    await server.stop();
    return 0;
  },
};
