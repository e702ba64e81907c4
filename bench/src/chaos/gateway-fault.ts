import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { createApiKeys } from "@spanhouse/store/api-keys";
import { freePort } from "../measure/free-port.ts";
import { createGatewayOutlet } from "../outlets/gateway-outlet.ts";
import type { Fault } from "./fault.ts";
import type { GatewayProcess } from "./gateway-process.ts";
import { until } from "./until.ts";

/** The answer to the first export dies with the gateway: what was acknowledged by Kafka is sent by the client again. */
export const gatewayKilled: Fault = {
  window: "gateway: published, answer not heard",
  action: "SIGKILL",
  async strike({ publish, startGateway, clickhouse, projects }) {
    const keys = new Map<string, string>();
    for (const project of projects) {
      const { key } = await createApiKeys(clickhouse).createKey({ project, scopes: ["ingest"], label: "chaos" });
      keys.set(project, key);
    }
    const port = await freePort();
    let gateway: GatewayProcess = await startGateway(port);
    let killed: Promise<void> | undefined;
    const between = createServer((client) => {
      const server = connect(port, "127.0.0.1");
      client.pipe(server);
      server.on("data", (answer) => {
        if (killed) client.write(answer);
        else {
          killed = gateway.kill();
          client.destroy();
        }
      });
      for (const [one, other] of [
        [client, server],
        [server, client],
      ] as const) {
        one.on("error", () => undefined).on("close", () => other.destroy());
      }
    });
    between.listen(0, "127.0.0.1");
    await once(between, "listening");
    const url = `http://127.0.0.1:${(between.address() as AddressInfo).port}`;
    const outlet = createGatewayOutlet({ url, keys, json: false });
    try {
      await publish(async (deliveries) => {
        await outlet.send(deliveries).catch(async (error: unknown) => {
          if (!killed) throw error;
          await killed;
          gateway = await startGateway(port);
          await until("the gateway takes the traffic", () => outlet.send(deliveries).then(() => true));
        });
      });
      return killed !== undefined;
    } finally {
      await outlet.close();
      await gateway.kill();
      between.close();
    }
  },
};
