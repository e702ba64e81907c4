import type { SpanPublisher } from "@spanhouse/bus/bus";
import type { KeyAuthority } from "@spanhouse/store/api-keys";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type RunningConsumer, runConsumer } from "../../services/consumer/test/pipeline/running-consumer.ts";
import { type TestGateway, testGateway } from "../../services/gateway/test/test-gateway.ts";
import { type TestClickHouse, testClickHouse } from "../../services/store/test/test-clickhouse.ts";
import { compare } from "../src/check/differences.ts";
import { runTraffic } from "../src/generator/run-traffic.ts";
import { createGatewayOutlet } from "../src/outlets/gateway-outlet.ts";

const projects = ["shop", "lab"];

/** A project's key is its name. */
const keys: KeyAuthority = {
  async authenticate(key) {
    if (!projects.includes(key ?? "")) return { kind: "unknown" };
    return { kind: "granted", project: key!, scopes: ["ingest"], keyId: key! };
  },
};

let store: TestClickHouse;
let consumer: RunningConsumer;
let gateway: TestGateway;

beforeEach(async () => {
  store = await testClickHouse();
  consumer = await runConsumer(store.clickhouse);
  const publisher: SpanPublisher = {
    async publish(records) {
      await Promise.all(records.map(({ value, headers }) => consumer.sendBytes(value, headers)));
      return { kind: "acknowledged" };
    },
    ready: () => Promise.resolve(true),
    close: () => Promise.resolve(),
  };
  gateway = await testGateway(publisher, { keys });
});

afterEach(async () => {
  await gateway.close();
  await consumer.stop();
  await store.drop();
});

const traffic = { seed: 9, traces: 60, startMs: Date.UTC(2026, 9, 5), hours: 1, projects };

it.each([false, true])("reaches the ledger of several projects through the gateway, JSON: %s", async (json) => {
  const outlet = createGatewayOutlet({ url: gateway.url, keys: new Map(projects.map((name) => [name, name])), json });
  const { ledger } = await runTraffic(outlet, traffic);
  await consumer.stop();
  expect((await compare(ledger, store.clickhouse)).differences).toEqual([]);
});

it("says which answer was no success", async () => {
  const outlet = createGatewayOutlet({
    url: gateway.url,
    keys: new Map(projects.map((name) => [name, "wrong"])),
    json: false,
  });
  await expect(runTraffic(outlet, traffic)).rejects.toThrow(/answered 401: .*KEY_UNKNOWN/s);
});
