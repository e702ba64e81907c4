import { readFileSync } from "node:fs";
import { replayRule } from "@spanhouse/alerts/replay";
import type { Authentication } from "@spanhouse/store/api-keys";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { insertRows, storeSpans } from "../../store/test/readers/stored-trace.ts";
import { type TestApi, testNow, testQueryApi } from "./query-api.ts";

/** Every route of the checked-in document, asked by keys of another project, of other scopes, and with what SQL would read. */

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean }[];
  readonly requestBody?: unknown;
  readonly security?: readonly unknown[];
}
const document = JSON.parse(readFileSync(new URL("../openapi.json", import.meta.url), "utf8")) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};
const routes = Object.entries(document.paths).flatMap(([path, operations]) =>
  Object.entries(operations).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })),
);

const secret = "of-project-p-alone";
const traceId = "5".repeat(32);
const spanId = "5".repeat(16);

let api: TestApi;
let keyId: string;
beforeAll(async () => {
  const store = await testQueryApi();
  const granted = (project: string, ...scopes: ("ingest" | "read" | "admin")[]): Authentication => ({
    ...{ kind: "granted", project, scopes, keyId: `${project} ${scopes}` },
  });
  const keys: Readonly<Record<string, Authentication>> = {
    own: granted("p", "read", "admin"),
    foreign: granted("q", "read", "admin"),
    reader: granted("p", "read"),
    ingest: granted("p", "ingest"),
  };
  const own = await testQueryApi(
    {},
    {
      clickhouse: store.store.reader,
      keys: { authenticate: async (key) => keys[key ?? ""] ?? { kind: "unknown" } },
      admin: { clickhouse: store.clickhouse, operatorProject: "operator", previewPrices: async () => [] },
      replayRule,
      oidc: {
        ...{ issuer: new URL("https://id.test"), clientId: "", clientSecret: "", scope: "openid" },
        ...{ publicUrl: new URL("https://spanhouse.test"), roles: [], sessionSecret: "of this test" },
      },
    },
  );
  api = {
    ...own,
    clickhouse: store.clickhouse,
    close: async () => void (await Promise.all([own.close(), store.close()])),
  };
  const end = BigInt(testNow) * 1_000_000n;
  await storeSpans(api.clickhouse, [
    {
      ...{ project: "p", traceId, spanId, start: end, end },
      columns: {
        name: secret,
        user_id: secret,
        conversation_id: secret,
        service: secret,
        team: secret,
        instance: secret,
      },
    },
  ]);
  await insertRows(api.clickhouse, "span_payloads", [
    {
      ...{ project: "p", bucket: { sql: `toDateTime(${Math.floor(testNow / 60_000) * 60}, 'UTC')` }, version: 1 },
      ...{ lane: 0, trace_id: { sql: `unhex('${traceId}')` }, span_id: { sql: `unhex('${spanId}')` }, request: secret },
    },
  ]);
  const made = await api.app.inject({
    ...{ method: "POST", url: "/v1/admin/keys", headers: { authorization: "Bearer own" } },
    payload: { label: secret, scopes: ["read"] },
  });
  keyId = made.json().key_id;
  await api.app.inject({
    ...{ method: "PUT", url: "/v1/admin/prices/rule", headers: { authorization: "Bearer own" } },
    payload: { rule: { kind: "discount", match: {}, percent: "5" }, reason: secret },
  });
});
afterAll(() => api.close());

function urlOf(path: string): string {
  const values: Readonly<Record<string, string>> = {
    ...{ trace_id: traceId, span_id: spanId, other: traceId, key_id: keyId, name: "rule", side: "request" },
  };
  const known = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? spanId);
  return known;
}

/** Bodies of routes that take one. */
const bodies: Readonly<Record<string, object>> = {
  createKey: { label: "x", scopes: ["read"] },
  rotateKey: { grace_seconds: 0 },
  makeProject: { project: "other" },
  setPriceRule: { rule: { kind: "discount", match: {}, percent: "99" }, reason: "x" },
  previewPrices: {},
  setOwnershipRule: { rule: { match: { service: "x" }, set: { team: "x" } }, reason: "x" },
  setAlertRule: { rule: { signal: "cost", condition: { kind: "static", above: 1 } }, reason: "x" },
  previewAlertRule: { rule: { signal: "calls", group_by: ["service"], condition: { kind: "static", above: 0 } } },
  setOwnershipRules: { yaml: "rules: []", reason: "x" },
  setRetention: { payloads: 1, reason: "x" },
  setSessionProject: { project: "p" },
  askReplayModel: { request: "{}" },
  eraseUser: { user_id: "x", reason: "x" },
};

const ask = (route: (typeof routes)[number], key: string, query = "") =>
  api.app.inject({
    method: route.method as "GET",
    url: `${urlOf(route.path)}${query}`,
    headers: key === "" ? {} : { authorization: `Bearer ${key}` },
    ...(route.requestBody !== undefined && { payload: bodies[route.operationId] ?? {} }),
  });

/** What is required of a query, so that a route gets as far as the store. */
const required: Readonly<Record<string, string>> = {
  getTraceFacets: "?facets=service",
  getMetrics: "?measures=cost",
  revokePriceRule: "?reason=x",
  revokeOwnershipRule: "?reason=x",
};
const open = (route: (typeof routes)[number]) => route.security?.length === 0 || !route.path.startsWith("/v1/");
const streams = new Set(["tailTraces", "exportTraces", "exportSpans"]);
const asked = routes.filter((route) => !open(route) && !/tail|mcp/i.test(route.path));

describe("a key of another project", () => {
  test.each(asked.map((route) => [`${route.method} ${route.path}`, route] as const))("%s", async (_, route) => {
    const answer = await ask(route, "foreign", required[route.operationId]);
    // A path that names what is another's is not found; lists and sums are of the key's own project, which has nothing.
    const names = /\{(trace_id|span_id|key_id)\}/.test(route.path);
    // Scores may come before their trace: of a trace that nobody knows there are none.
    if (route.operationId === "listTraceScores") expect(answer.json()).toMatchObject({ scores: [] });
    // Off unless an operator names a model: then no trace is read at all.
    else if (/SUGGESTIONS_OFF|REPLAY_MODEL_OFF/.test(answer.payload)) expect(answer.statusCode).toBe(409);
    else if (names) expect([404, 403]).toContain(answer.statusCode);
    expect(answer.statusCode).toBeLessThan(500);
    expect(answer.payload).not.toContain(secret);
  });
});

describe("without a key, and with one that may not read", () => {
  test.each(asked.map((route) => [`${route.method} ${route.path}`, route] as const))("%s", async (_, route) => {
    expect((await ask(route, "", required[route.operationId])).statusCode).toBe(401);
    expect((await ask(route, "no key", required[route.operationId])).statusCode).toBe(401);
    if (route.operationId === "getSession") return;
    expect((await ask(route, "ingest", required[route.operationId])).statusCode).toBe(403);
  });
});

describe("a key of scope read", () => {
  const writing = routes.filter(
    ({ path, method }) =>
      path.startsWith("/v1/admin/") || (method !== "GET" && !/session|mcp|suggestion|replay|preview/.test(path)),
  );
  test.each(writing.map((route) => [`${route.method} ${route.path}`, route] as const))("%s", async (_, route) => {
    const answer = await ask(route, "reader", required[route.operationId]);
    expect([answer.statusCode, answer.json().code]).toEqual([403, "KEY_SCOPE"]);
  });
});

const injections = [
  "' OR 1=1 --",
  "\\' UNION ALL SELECT * FROM api_keys; DROP TABLE spans; --",
  "{project:String} `name` \u0000",
];

describe("what SQL would read, in every parameter", () => {
  const filtered = asked.filter(
    ({ method, parameters = [] }) => method === "GET" && parameters.some((one) => one.in === "query"),
  );
  test.each(filtered.map((route) => [`${route.method} ${route.path}`, route] as const))("%s", async (_, route) => {
    if (streams.has(route.operationId)) return;
    for (const { name, in: place } of route.parameters ?? []) {
      if (place !== "query") continue;
      for (const text of injections) {
        const others = required[route.operationId] ?? "?";
        const answer = await ask(route, "foreign", `${others}&${name}=${encodeURIComponent(text)}`);
        expect(answer.statusCode, `${name}=${text}: ${answer.payload.slice(0, 300)}`).toBeLessThan(500);
        expect(answer.payload).not.toContain(secret);
        expect(answer.payload).not.toMatch(/DB::Exception|Syntax error/);
      }
    }
    expect(await api.clickhouse.query("SELECT count() AS n FROM spans WHERE project = 'p'")).toEqual([{ n: "1" }]);
  });
});
