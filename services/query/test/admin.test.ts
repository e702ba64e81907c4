import { createApiKeys } from "@spanhouse/store/api-keys";
import { createAudit } from "@spanhouse/store/audit";
import { createProjects } from "@spanhouse/store/projects";
import { afterAll, beforeAll, expect, test } from "vitest";
import { insertRows, storeSpans } from "../../store/test/readers/stored-trace.ts";
import { type TestApi, testNow, testQueryApi } from "./query-api.ts";

let api: TestApi;
const admin = "admin";

beforeAll(async () => {
  // Around the database of another, because what changes a project must be there before the API is built.
  const store = await testQueryApi();
  const { clickhouse } = store;
  const own = await testQueryApi(
    {},
    {
      clickhouse: store.store.reader,
      keys: { authenticate: async (key) => granted[key ?? ""] ?? { kind: "missing" } },
      admin: {
        apiKeys: createApiKeys(clickhouse),
        projects: createProjects(clickhouse),
        audit: createAudit(clickhouse),
      },
    },
  );
  api = { ...own, clickhouse, close: async () => void (await Promise.all([own.close(), store.close()])) };
});
afterAll(() => api.close());

const granted: Record<string, { kind: "granted"; project: string; scopes: ("read" | "admin")[]; keyId: string }> = {
  admin: { kind: "granted", project: "p", scopes: ["admin"], keyId: "root" },
  reader: { kind: "granted", project: "p", scopes: ["read"], keyId: "reader" },
  stranger: { kind: "granted", project: "q", scopes: ["admin"], keyId: "stranger" },
};

const send = (method: "POST" | "DELETE", url: string, key: string, payload?: object) =>
  api.app.inject({ method, url, headers: { authorization: `Bearer ${key}` }, ...(payload ? { payload } : {}) });

test("keys are made, listed and revoked by an admin of their project, and each change is audited", async () => {
  const expires_at = "2027-01-01T00:00:00Z";
  const made = await send("POST", "/v1/admin/keys", admin, { label: "ci", scopes: ["ingest"], expires_at });
  expect([made.statusCode, made.json().key]).toEqual([201, expect.stringMatching(/^sh_i_/)]);
  const { key_id } = made.json();
  const listed = async () =>
    (await api.get("/v1/admin/keys", admin)).body.keys.filter(({ label }: { label: string }) => label === "ci");
  expect(await listed()).toMatchObject([{ key_id, label: "ci", scopes: ["ingest"], expires_at, revoked: false }]);
  expect(JSON.stringify(await listed())).not.toContain(made.json().key);

  expect((await send("DELETE", `/v1/admin/keys/${key_id}`, "stranger")).statusCode).toBe(404);
  expect((await listed())[0].revoked).toBe(false);
  expect((await send("DELETE", `/v1/admin/keys/${key_id}`, admin)).statusCode).toBe(204);
  expect((await listed())[0].revoked).toBe(true);

  const { entries } = (await api.get("/v1/admin/audit", admin)).body;
  expect(entries).toMatchObject([
    { action: "key.revoke", subject: key_id, key_id: "root" },
    { action: "key.create", subject: "ci", key_id: "root", detail: { scopes: ["ingest"], expires_at } },
  ]);
  expect(JSON.stringify(entries)).not.toContain(made.json().key);
});

test("without the scope admin nothing is seen or changed", async () => {
  for (const path of ["/v1/admin/project", "/v1/admin/keys", "/v1/admin/audit"]) {
    expect((await api.get(path, "reader")).body.code).toBe("KEY_SCOPE");
  }
  const made = await send("POST", "/v1/admin/keys", "reader", { label: "x", scopes: ["read"] });
  expect([made.statusCode, made.json().code]).toEqual([403, "KEY_SCOPE"]);
  expect((await send("POST", "/v1/admin/keys", admin, { label: "x", scopes: ["root"] })).json().code).toBe(
    "INVALID_PARAMETER",
  );
  expect((await api.get("/v1/admin/project", admin)).body).toEqual({ project: "p", frozen_until: null });
});

test("delivery accounts for what each instance numbered", async () => {
  const end = BigInt(testNow) * 1_000_000n;
  const sent = (instance: string, sequence: number, span: number) => ({
    ...{ project: "p", traceId: "1".repeat(32), spanId: span.toString(16).padStart(16, "0"), start: end, end },
    columns: {
      instance,
      sequence,
      service: "bot",
      written_at: { sql: `toDateTime(${testNow / 1000 + (span === 3 ? 300 : 1)}, 'UTC')` },
    },
  });
  // Of `a` the third and the last two of seven are missing, one is late; `b` has not said how many it sent.
  await storeSpans(api.clickhouse, [
    sent("a", 1, 1),
    sent("a", 2, 2),
    sent("a", 4, 3),
    sent("a", 5, 4),
    sent("b", 8, 5),
    sent("b", 8, 6),
  ]);
  await insertRows(api.clickhouse, "deliveries", [
    { project: "p", instance: "a", final_sequence: 7, closed_at: { sql: "now64(9)" } },
    { project: "q", instance: "b", final_sequence: 9, closed_at: { sql: "now64(9)" } },
  ]);
  const { body } = await api.get("/v1/delivery", "reader");
  expect(body.instances).toMatchObject([
    { instance: "a", sent: 7, received: 4, lost: 3, before_range: 0, tail_unknown: false, repeated: 0, late: 1 },
    { instance: "b", sent: null, received: 1, lost: 0, before_range: 7, tail_unknown: true, repeated: 1, late: 0 },
  ]);
});
