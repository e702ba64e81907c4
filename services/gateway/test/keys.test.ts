import { uptime } from "@spanhouse/schemas/uptime";
import { createApiKeys, createKeyCache } from "@spanhouse/store/api-keys";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type TestClickHouse, testClickHouse } from "../../store/test/test-clickhouse.ts";
import { statusIn } from "./answers.ts";
import { createFakePublisher } from "./fake-publisher.ts";
import { request, span, type TestGateway, testGateway } from "./test-gateway.ts";

const refreshMs = 10_000;
const publisher = createFakePublisher();
let time = Date.now();
let store: TestClickHouse;
let gateway: TestGateway;
beforeAll(async () => {
  store = await testClickHouse();
  const keys = createKeyCache(createApiKeys(store.clickhouse), { refreshMs, now: () => time, uptime: () => time });
  gateway = await testGateway(publisher, { keys });
});
afterAll(async () => {
  await gateway.close();
  await store.drop();
});
beforeEach(() => {
  publisher.records.length = 0;
});

const send = (key: string) => gateway.post(request(span(1, 1)), { "x-api-key": key });

test("spans go to the project of their key and to no other", async () => {
  const keys = createApiKeys(store.clickhouse);
  const shop = await keys.createKey({ project: "shop", scopes: ["ingest"], label: "shop" });
  const bank = await keys.createKey({ project: "bank", scopes: ["ingest", "read"], label: "bank" });
  for (const { key } of [shop, bank, shop]) expect((await send(key)).status).toBe(200);
  expect(publisher.records.map(({ headers }) => headers["spanhouse-project"])).toEqual(["shop", "bank", "shop"]);
});

test("a revoked key is refused, its project's other key is not", async () => {
  const keys = createApiKeys(store.clickhouse);
  const [leaked, other] = await Promise.all(
    ["leaked", "other"].map((label) => keys.createKey({ project: "shop", scopes: ["ingest"], label })),
  );
  expect((await send(leaked!.key)).status).toBe(200);
  await keys.revokeKey("shop", leaked!.keyId);
  time += refreshMs;
  const refused = await send(leaked!.key);
  expect(refused.status).toBe(401);
  expect((await statusIn(refused)).message).toBe("KEY_UNKNOWN: the API key is unknown, expired or revoked");
  expect((await send(other!.key)).status).toBe(200);
});

test("an expired key is refused", async () => {
  const expiresAt = new Date(time + 60_000);
  const { key } = await createApiKeys(store.clickhouse).createKey({
    project: "shop",
    scopes: ["ingest"],
    label: "",
    expiresAt,
  });
  expect((await send(key)).status).toBe(200);
  time += 60_000;
  expect((await send(key)).status).toBe(401);
});

test("a key without the scope ingest is refused", async () => {
  const scopes = ["read", "admin"] as const;
  const { key } = await createApiKeys(store.clickhouse).createKey({ project: "shop", scopes, label: "" });
  const refused = await send(key);
  expect(refused.status).toBe(403);
  expect((await statusIn(refused)).message).toBe("KEY_SCOPE: the key has the scopes read, admin; expected ingest");
});

test("where the key cannot be looked up it is 503 with Retry-After", async () => {
  const down = {
    activeKeys: () => Promise.reject(new Error("down")),
    findByHash: () => Promise.reject(new Error("down")),
  };
  const own = await testGateway(publisher, { keys: createKeyCache(down, { refreshMs, now: Date.now, uptime }) });
  const response = await own.post(request(span(1, 1)), { "x-api-key": `sh_i_${"A".repeat(43)}` });
  expect([response.status, response.headers.get("retry-after")]).toEqual([503, "2"]);
  expect((await statusIn(response)).message).toMatch(/^STORE_UNAVAILABLE: /);
  expect(publisher.records).toEqual([]);
  await own.close();
});
