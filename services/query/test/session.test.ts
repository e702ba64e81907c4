import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestApi, testQueryApi } from "./query-api.ts";

let api: TestApi;
let viewerDir: string;
let key: string;

beforeAll(async () => {
  viewerDir = join(mkdtempSync(join(tmpdir(), "spanhouse viewer ")), "dist");
  mkdirSync(viewerDir);
  mkdirSync(join(viewerDir, "assets"));
  writeFileSync(join(viewerDir, "index.html"), "<!doctype html><title>Spanhouse</title>");
  writeFileSync(join(viewerDir, "assets", "app-1a2b.js"), "1");
  writeFileSync(join(viewerDir, "..", "spanhouse-secret"), "a secret beside");
  api = await testQueryApi({}, { viewerDir });
  key = await api.key("p");
});
afterAll(async () => {
  await api.close();
  rmSync(join(viewerDir, ".."), { recursive: true });
});

const own = { host: "spanhouse.example", origin: "https://spanhouse.example", "sec-fetch-site": "same-origin" };
const logIn = (headers: Readonly<Record<string, string>>, payload: unknown = { key }) =>
  api.app.inject({ method: "POST", url: "/v1/session", headers, payload: payload as object });

describe("a session", () => {
  test("is a cookie that no page reads and no other site sends; it ends by logging out", async () => {
    const made = await logIn(own);
    expect([made.statusCode, made.json().project]).toEqual([200, "p"]);
    const [cookie] = made.cookies;
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict", path: "/" });
    const cookies = { [cookie!.name]: cookie!.value };
    const used = await api.app.inject({ url: "/v1/session", cookies });
    expect(used.json()).toMatchObject({ project: "p", scopes: ["read"] });
    expect((await api.app.inject({ url: "/v1/traces", cookies })).statusCode).toBe(200);
    const ended = await api.app.inject({ method: "DELETE", url: "/v1/session", cookies, headers: own });
    expect(ended.statusCode).toBe(204);
    expect(ended.cookies[0]).toMatchObject({ name: cookie!.name, value: "" });
    expect((await api.app.inject({ url: "/v1/session" })).json().code).toBe("KEY_MISSING");
  });

  test("is not made or ended by a page of another site", async () => {
    for (const foreign of [
      { ...own, origin: "https://evil.example" },
      { ...own, origin: "null" },
      { ...own, "sec-fetch-site": "cross-site" },
      { ...own, "sec-fetch-site": "same-site" },
    ]) {
      const refused = await logIn(foreign);
      expect([refused.statusCode, refused.json().code]).toEqual([403, "CROSS_ORIGIN"]);
      expect(refused.cookies).toEqual([]);
      const ended = await api.app.inject({ method: "DELETE", url: "/v1/session", headers: foreign });
      expect(ended.statusCode).toBe(403);
    }
  });

  test("is not made with a key that can't read, or with no key", async () => {
    expect((await logIn(own, { key: `sh_r_${"A".repeat(43)}` })).json().code).toBe("KEY_UNKNOWN");
    expect((await logIn(own, { key: await api.key("p", "ingest") })).json().code).toBe("KEY_SCOPE");
    expect((await logIn(own, { password: "x" })).json().code).toBe("INVALID_PARAMETER");
    expect((await logIn({ ...own, "content-type": "application/json" }, "{")).statusCode).toBe(400);
    // What a form of another site could send.
    expect((await logIn({ ...own, "content-type": "text/plain" }, `{"key":"${key}"}`)).statusCode).toBe(400);
  });
});

describe("the viewer's files", () => {
  test("come under a policy that runs only them; every other path is a view", async () => {
    for (const url of ["/", "/index.html", "/traces/abc?x=1", "/overview"]) {
      const page = await api.app.inject({ url });
      expect([url, page.statusCode, page.headers["content-type"]]).toEqual([url, 200, "text/html; charset=utf-8"]);
      expect(page.headers["content-security-policy"]).toContain("script-src 'self';");
      expect(page.headers).toMatchObject({ "cache-control": "no-cache", "x-content-type-options": "nosniff" });
    }
    const script = await api.app.inject({ url: "/assets/app-1a2b.js" });
    expect([script.statusCode, script.headers["cache-control"]]).toEqual([200, "public, max-age=31536000, immutable"]);
  });

  test("are all that is served, and the API's paths stay the API's", async () => {
    for (const url of ["/assets/none.js", "/v1/none", "/favicon.ico"]) {
      const missing = await api.app.inject({ url });
      expect([url, missing.json().code]).toEqual([url, "NOT_FOUND"]);
    }
    for (const url of ["/..%2fspanhouse-secret", "/%2e%2e/spanhouse-secret", "/assets/..%2f..%2fspanhouse-secret"]) {
      expect((await api.app.inject({ url })).body).not.toContain("a secret beside");
    }
    const traces = await api.get("/v1/traces");
    expect(traces.headers["content-security-policy"]).toContain("default-src 'none'");
  });
});
