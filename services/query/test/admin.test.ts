import { replayRule } from "@spanhouse/alerts/replay";
import { loadDerivationParts } from "@spanhouse/consumer/derivation";
import { createPricePreview } from "@spanhouse/consumer/maintenance/price-preview";
import { createErasureList } from "@spanhouse/store/erasure/erasures";
import { afterAll, beforeAll, expect, test } from "vitest";
import { storeCalls } from "../../alerts/test/stored-calls.ts";
import { insertRows, storeSpans } from "../../store/test/readers/stored-trace.ts";
import { type TestApi, testNow, testQueryApi } from "./query-api.ts";

let api: TestApi;
const admin = "admin";

beforeAll(async () => {
  // Around the database of another, because what changes a project must be there before the API is built.
  const store = await testQueryApi();
  const { clickhouse } = store;
  const parts = await loadDerivationParts({ ownershipFile: "", estimates: false });
  const own = await testQueryApi(
    {},
    {
      clickhouse: store.store.reader,
      keys: { authenticate: async (key) => granted[key ?? ""] ?? { kind: "missing" } },
      admin: { clickhouse, operatorProject: "p", previewPrices: createPricePreview(parts, clickhouse) },
      replayRule,
    },
  );
  api = { ...own, clickhouse, close: async () => void (await Promise.all([own.close(), store.close()])) };
});
afterAll(() => api.close());

const granted: Record<string, { kind: "granted"; project: string; scopes: ("read" | "admin")[]; keyId: string }> = {
  admin: { kind: "granted", project: "p", scopes: ["admin"], keyId: "root" },
  reader: { kind: "granted", project: "p", scopes: ["read"], keyId: "reader" },
  other: { kind: "granted", project: "q", scopes: ["read"], keyId: "other" },
  stranger: { kind: "granted", project: "q", scopes: ["admin"], keyId: "stranger" },
};

const send = (method: "POST" | "PUT" | "DELETE", url: string, key: string, payload?: object) =>
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

test("a key is rotated: the new one beside the old for a while, which then expires", async () => {
  const made = (await send("POST", "/v1/admin/keys", admin, { label: "turning", scopes: ["read"] })).json();
  const rotated = await send("POST", `/v1/admin/keys/${made.key_id}/rotate`, admin, { grace_seconds: 3600 });
  expect([rotated.statusCode, rotated.json().key]).toEqual([201, expect.stringMatching(/^sh_r_/)]);
  const { keys } = (await api.get("/v1/admin/keys", admin)).body;
  const [old, next] = [made.key_id, rotated.json().key_id].map((id) =>
    keys.find(({ key_id }: { key_id: string }) => key_id === id),
  );
  expect(next).toMatchObject({ label: "turning", scopes: ["read"], expires_at: null, last_used_at: null });
  expect(Date.parse(old.expires_at) - Date.now()).toBeGreaterThan(3_500_000);
  expect(Date.parse(old.expires_at) - Date.now()).toBeLessThanOrEqual(3_601_000);
  expect((await send("POST", `/v1/admin/keys/${made.key_id}/rotate`, "stranger", {})).statusCode).toBe(404);
});

test("projects are made by admins of the operator's project, once, with a first key", async () => {
  const made = await send("POST", "/v1/admin/projects", admin, { project: "shop" });
  expect([made.statusCode, made.json().key]).toEqual([201, expect.stringMatching(/^sh_ra_/)]);
  expect((await send("POST", "/v1/admin/projects", admin, { project: "shop" })).json().code).toBe("CONFLICT");
  expect((await send("POST", "/v1/admin/projects", "stranger", { project: "mine" })).json().code).toBe("KEY_SCOPE");
  expect((await api.get("/v1/admin/projects", "stranger")).body.code).toBe("KEY_SCOPE");
  expect((await api.get("/v1/admin/projects", admin)).body.projects).toContain("shop");
});

test("price rules are set, shown with their history, tried before they hold, and revoked", async () => {
  const end = BigInt(testNow) * 1_000_000n;
  await storeSpans(api.clickhouse, [
    {
      ...{ project: "p", traceId: "7".repeat(32), spanId: "7".repeat(16), start: end, end },
      columns: {
        ...{ role: "model", usage_state: "exact", price_state: "priced", provider: "openai" },
        ...{ request_model: "gpt-4o", response_model: "gpt-4o-2024-08-06", input_tokens: 1000, output_tokens: 100 },
        cost: { sql: "toDecimal64('0.0035', 12)" },
      },
    },
  ]);
  const rule = { kind: "discount", match: { provider: "openai" }, percent: "50" };
  const range = { from: "2026-11-20T11:00:00Z", to: "2026-11-20T13:00:00Z" };
  const tried = await send("POST", "/v1/admin/prices/preview", admin, { name: "half", rule, ...range });
  expect(tried.json().changes).toMatchObject([
    { calls: 1, repriced_calls: 1, cost: "0.003500000000", new_cost: "0.001750000000" },
  ]);
  expect((await api.get("/v1/admin/prices", admin)).body).toEqual({ rules: [] });

  const set = await send("PUT", "/v1/admin/prices/half", admin, { rule, reason: "contract" });
  expect(set.json()).toMatchObject({ name: "half", version: 1, rule, changed_by: "root", reason: "contract" });
  const yaml = "kind: discount\nmatch: { provider: openai }\npercent: '20'";
  expect((await send("PUT", "/v1/admin/prices/half", admin, { rule: yaml, reason: "less" })).json().version).toBe(2);
  expect((await api.get("/v1/admin/prices", "stranger")).body).toEqual({ rules: [] });
  expect((await send("DELETE", "/v1/admin/prices/half?reason=over", "stranger")).json().code).toBe("NOT_FOUND");
  expect((await send("DELETE", "/v1/admin/prices/half?reason=over", admin)).json()).toMatchObject({ rule: null });
  const { rules } = (await api.get("/v1/admin/prices?history=true", admin)).body;
  expect(rules.map(({ version, reason }: { version: number; reason: string }) => [version, reason])).toEqual([
    [1, "contract"],
    [2, "less"],
    [3, "over"],
  ]);
  for (const wrong of [{ kind: "discount", match: {} }, "kind: [", "just text"]) {
    const refused = await send("PUT", "/v1/admin/prices/half", admin, { rule: wrong, reason: "x" });
    expect(refused.json().code).toBe("INVALID_PARAMETER");
  }
});

test("rules of ownership come one by one or as a YAML file, of the own project alone", async () => {
  const yaml = `rules:
    - { name: checkout, match: { service: "checkout-*" }, set: { team: payments } }
    - { name: batch, project: p, match: { credential: "…abcd" }, set: { team: data } }`;
  const set = await send("POST", "/v1/admin/ownership", admin, { yaml, reason: "reorganisation" });
  expect(set.json().rules).toMatchObject([
    { name: "checkout", version: 1 },
    { name: "batch", version: 1 },
  ]);
  const foreign = await send("POST", "/v1/admin/ownership", "stranger", { yaml, reason: "x" });
  expect([foreign.statusCode, foreign.json().detail]).toEqual([400, expect.stringContaining("batch is of project p")]);
  expect((await api.get("/v1/admin/ownership", "stranger")).body).toEqual({ rules: [] });
});

test("retention and erasures are asked for with a reason, and only hashes of persons are kept", async () => {
  expect((await api.get("/v1/admin/retention", admin)).body).toMatchObject({
    ...{ days: { payloads: 0, spans: 0, rollups: 0, open_spans: 7 }, own: {}, frozen_until: null },
  });
  const set = await send("PUT", "/v1/admin/retention", admin, { payloads: 7, spans: 30, reason: "policy" });
  expect(set.json()).toMatchObject({ days: { payloads: 7, spans: 30 }, own: { payloads: 7, spans: 30 } });
  const back = await send("PUT", "/v1/admin/retention", admin, { payloads: null, spans: null, reason: "policy" });
  expect(back.json()).toMatchObject({ days: { payloads: 0, spans: 0 }, own: {} });
  const refused = await send("PUT", "/v1/admin/retention", admin, { spans: 1, reason: "policy" });
  expect([refused.statusCode, refused.json().detail]).toEqual([400, expect.stringContaining("2 days at least")]);

  const asked = await send("POST", "/v1/admin/erasures", admin, { user_id: "ann", reason: "request 1" });
  expect(asked.statusCode).toBe(202);
  expect((await api.get("/v1/admin/erasures", admin)).body.erasures).toMatchObject([
    { run: asked.json().run, asked_by: "root", reason: "request 1", ended_at: null, report: null },
  ]);
  expect((await api.get("/v1/admin/erasures", "stranger")).body).toEqual({ erasures: [] });
  // Consumers know at once.
  expect((await createErasureList(api.clickhouse)()).erased("p", "ann")).toMatch(/^[0-9a-f]{64}$/);
  const { entries } = (await api.get("/v1/admin/audit", admin)).body;
  expect(entries.map(({ action }: { action: string }) => action)).toEqual(
    expect.arrayContaining(["erasure.ask", "retention.set", "ownership_rules.set", "prices.set", "prices.revoke"]),
  );
  expect(JSON.stringify(entries)).not.toContain("ann");
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

test("an alert rule is tried on history by whoever reads the project, and then set, listed and revoked by an admin", async () => {
  const noon = Math.floor(testNow / 60_000) * 60;
  const refused = { outcome: "'refused'", refusal: "'explicit'" };
  await storeCalls(
    api.clickhouse,
    Array.from({ length: 30 }, (_, i) => [
      { at: noon - 3600 + i * 60, calls: 20 },
      { at: noon - 3600 + i * 60, calls: i >= 10 && i < 15 ? 20 : 0, columns: refused },
    ]).flat(),
  );
  const rule =
    "signal: refusal_rate\ngroup_by: [service]\nwindow: 2m\nkeep: 2m\ncondition: { kind: static, above: 0.3 }";
  const from = "2026-11-20T11:00:00Z";
  const tried = await send("POST", "/v1/alert-rules/preview", "reader", { name: "refusals", rule, from });
  expect(tried.statusCode, tried.body).toBe(200);
  expect(tried.json()).toMatchObject({
    ...{ from, to: "2026-11-20T12:00:00Z", rule: { signal: "refusal_rate", window: "2m", minimum_calls: 20 } },
    episodes: [
      {
        group: { service: "bot" },
        summary: "refusals: refusal rate of bot is 33.3 % in 2m; bound: 30 %",
        ...{ fired_at: "2026-11-20T11:11:00Z", resolved_at: "2026-11-20T11:19:00Z", expected: 0.3 },
      },
    ],
  });
  const preview = async (key: string, body: object) =>
    (await send("POST", "/v1/alert-rules/preview", key, body)).json();
  expect((await preview("reader", { rule, from: "2026-11-20T11:20:00Z" })).episodes).toEqual([]);
  expect((await preview("other", { rule, from })).episodes).toEqual([]);
  expect(await preview("reader", { rule: rule.replace("refusal", "gold"), from })).toMatchObject({
    ...{ code: "INVALID_PARAMETER", detail: expect.stringContaining("signal") },
  });
  expect(await preview("reader", { rule, from: "2026-10-20T11:00:00Z" })).toMatchObject({
    ...{ code: "INVALID_PARAMETER", detail: expect.stringContaining("at most 14 days") },
  });

  const rules = async () => (await api.get("/v1/alert-rules", "reader")).body.rules;
  expect(await rules()).toEqual([]);
  expect((await send("PUT", "/v1/admin/alert-rules/refusals", "reader", { rule })).statusCode).toBe(403);
  const set = await send("PUT", "/v1/admin/alert-rules/refusals", admin, { rule, reason: "the wave of the 20th" });
  expect(set.json()).toMatchObject({ name: "refusals", version: 1, rule: { signal: "refusal_rate" } });
  expect(await rules()).toMatchObject([{ name: "refusals", version: 1, changed_by: "root", firing: 0 }]);
  expect((await send("DELETE", "/v1/admin/alert-rules/refusals", admin)).statusCode).toBe(204);
  expect(await rules()).toEqual([]);
});
