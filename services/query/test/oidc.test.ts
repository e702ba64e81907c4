import { uptime } from "@spanhouse/schemas/uptime";
import { createApiKeys, createKeyCache } from "@spanhouse/store/api-keys";
import { afterAll, beforeAll, expect, test } from "vitest";
import { oidcConfig } from "../src/oidc/config.ts";
import { parseRoleRules, rolesOf } from "../src/oidc/roles.ts";
import { startProvider, type TestProvider } from "./oidc-provider.ts";
import { type TestApi, testQueryApi } from "./query-api.ts";

let provider: TestProvider;
let api: TestApi;
const publicUrl = "http://spanhouse.test";
const host = { host: "spanhouse.test" };

beforeAll(async () => {
  provider = await startProvider(`${publicUrl}/v1/session/oidc/callback`, {
    ann: ["llm", "llm-admins"],
    bob: ["llm"],
    mallory: ["kitchen"],
  });
  const store = await testQueryApi();
  const own = await testQueryApi(
    {},
    {
      clickhouse: store.store.reader,
      keys: createKeyCache(createApiKeys(store.store.reader), { refreshMs: 60_000, now: Date.now, uptime }),
      admin: { clickhouse: store.clickhouse, operatorProject: "p", previewPrices: async () => [] },
      oidc: oidcConfig({
        SPANHOUSE_OIDC_ISSUER: provider.issuer,
        SPANHOUSE_OIDC_CLIENT_ID: "spanhouse",
        SPANHOUSE_OIDC_CLIENT_SECRET: "client-secret",
        SPANHOUSE_OIDC_SCOPE: "openid profile email",
        SPANHOUSE_OIDC_ROLES: `
          - { claim: groups, value: llm, project: p, role: viewer }
          - { claim: groups, value: llm-admins, project: p, role: admin }
          - { claim: groups, value: llm, project: q, role: viewer }`,
        SPANHOUSE_PUBLIC_URL: publicUrl,
        SPANHOUSE_SESSION_SECRET: "a secret of this test, long enough",
      }),
    },
  );
  api = { ...own, close: async () => void (await Promise.all([own.close(), store.close()])) };
});
afterAll(() => Promise.all([provider.close(), api.close()]));

type Cookies = Readonly<Record<string, string>>;
const cookiesOf = (answer: { cookies: readonly { name: string; value: string }[] }): Cookies =>
  Object.fromEntries(answer.cookies.map(({ name, value }) => [name, value]));

async function begin(path = "/v1/session/oidc?return_to=/traces%3Fuser=ann") {
  const begun = await api.app.inject({ url: path, headers: host });
  return { url: String(begun.headers.location), cookies: cookiesOf(begun), begun };
}
async function logIn(login: string) {
  const { url, cookies } = await begin();
  const back = new URL(await provider.logIn(url, login));
  return api.app.inject({ url: `${back.pathname}${back.search}`, headers: host, cookies: { ...cookies } });
}
const session = (cookies: Cookies) => api.app.inject({ url: "/v1/session", cookies: { ...cookies } });

test("a person logs in at the provider, comes back where they were, and may do what their groups give", async () => {
  const back = await logIn("ann");
  expect([back.statusCode, back.headers.location]).toEqual([303, "/traces?user=ann"]);
  const cookie = back.cookies.find(({ name }) => name === "spanhouse_session");
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict", path: "/" });
  const ann = { spanhouse_session: cookie!.value };
  expect((await session(ann)).json()).toMatchObject({
    ...{ project: "p", scopes: ["read", "admin"], user: "ann@example.org", projects: ["p", "q"] },
  });
  // The audit says who.
  const made = await api.app.inject({
    ...{ method: "POST", url: "/v1/admin/keys", cookies: ann, payload: { label: "ci", scopes: ["ingest"] } },
    headers: { ...host, origin: publicUrl },
  });
  expect(made.statusCode).toBe(201);
  const audit = await api.app.inject({ url: "/v1/admin/audit", cookies: ann });
  expect(audit.json().entries).toMatchObject([{ action: "key.create", key_id: "oidc:ann" }]);

  const moved = await api.app.inject({
    ...{ method: "PUT", url: "/v1/session", cookies: ann, payload: { project: "q" } },
    headers: { ...host, origin: publicUrl },
  });
  expect(moved.json()).toMatchObject({ project: "q", scopes: ["read"] });
  expect((await session(cookiesOf(moved))).json().project).toBe("q");
  const out = await api.app.inject({ method: "DELETE", url: "/v1/session", headers: { ...host, origin: publicUrl } });
  expect(out.cookies).toMatchObject([{ name: "spanhouse_session", value: "" }]);
});

test("who has no group is told so and gets no session; a viewer changes nothing", async () => {
  const refused = await logIn("mallory");
  expect([refused.statusCode, refused.json().code]).toEqual([403, "KEY_SCOPE"]);
  expect(refused.cookies.find(({ name }) => name === "spanhouse_session")).toBeUndefined();
  const bob = cookiesOf(await logIn("bob"));
  const made = await api.app.inject({
    ...{ method: "POST", url: "/v1/admin/keys", cookies: { ...bob }, payload: { label: "x", scopes: ["read"] } },
    headers: { ...host, origin: publicUrl },
  });
  expect([made.statusCode, made.json().code]).toEqual([403, "KEY_SCOPE"]);
});

test("a page of another site can make no session act, and begin no log-in that ends in this browser", async () => {
  const ann = cookiesOf(await logIn("ann"));
  for (const headers of [{ origin: "https://evil.test" }, { "sec-fetch-site": "cross-site" }]) {
    const forged = await api.app.inject({
      ...{ method: "POST", url: "/v1/admin/keys", cookies: { ...ann }, payload: { label: "x", scopes: ["admin"] } },
      headers: { ...host, ...headers },
    });
    expect([forged.statusCode, forged.json().code]).toEqual([403, "CROSS_ORIGIN"]);
  }
  // The attacker's own code, in a browser that has begun another log-in, or none.
  const { url } = await begin();
  const stolen = new URL(await provider.logIn(url, "bob"));
  const other = (await begin()).cookies;
  for (const cookies of [{}, other, { spanhouse_log_in: "made up" }]) {
    const answer = await api.app.inject({ url: `${stolen.pathname}${stolen.search}`, headers: host, cookies });
    expect([answer.statusCode, answer.json().code]).toEqual([401, "LOG_IN_FAILED"]);
    expect(answer.cookies.find(({ name }) => name === "spanhouse_session")).toBeUndefined();
  }
});

test("a session that was changed, or made elsewhere, is none; nor is it taken as a key", async () => {
  const { spanhouse_session: whole = "" } = cookiesOf(await logIn("ann"));
  const changed = `${whole.slice(0, -6)}AAAAAA`;
  for (const value of [changed, "shs_x", "shs_", whole.replace("shs_", "")]) {
    expect((await session({ spanhouse_session: value })).statusCode).toBe(401);
  }
  const asKey = await api.app.inject({ url: "/v1/session", headers: { authorization: `Bearer ${whole}` } });
  expect(asKey.statusCode).toBe(401);
});

test("the way back stays on this server", async () => {
  for (const to of ["https://evil.test", "//evil.test", "/\\evil.test", "evil"]) {
    const answer = await api.app.inject({ url: `/v1/session/oidc?return_to=${encodeURIComponent(to)}`, headers: host });
    expect(answer.json().code).toBe("INVALID_PARAMETER");
  }
  expect((await api.app.inject({ url: "/v1/session/methods" })).json()).toEqual({
    key: true,
    oidc: "/v1/session/oidc",
  });
});

test("roles come from claims by rules; part of a configuration is none", () => {
  const rules = parseRoleRules(
    "[{ claim: admin, project: p, role: admin }, { claim: team, value: a, project: q, role: viewer }]",
  );
  expect(rolesOf({ team: "a" }, rules)).toEqual({ q: "viewer" });
  expect(rolesOf({ admin: true, team: ["b", "a"] }, rules)).toEqual({ p: "admin", q: "viewer" });
  expect(rolesOf({}, rules)).toEqual({});
  expect(() => parseRoleRules("[{ claim: a, project: p, role: root }]")).toThrow("SPANHOUSE_OIDC_ROLES");
  expect(() => oidcConfig({ SPANHOUSE_OIDC_ISSUER: "https://id.test", SPANHOUSE_OIDC_SCOPE: "openid" })).toThrow(
    "SPANHOUSE_OIDC_CLIENT_ID: expected a value",
  );
  expect(() => oidcConfig({ SPANHOUSE_OIDC_ISSUER: "http://id.test", SPANHOUSE_OIDC_SCOPE: "openid" })).toThrow(
    "expected https",
  );
});
