import { createHash } from "node:crypto";
import { uptime } from "@spanhouse/schemas/uptime";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type ApiKeys, apiKeyHash, createApiKeys, createKeyCache } from "../src/api-keys.ts";
import { type TestClickHouse, testClickHouse } from "./test-clickhouse.ts";

let store: TestClickHouse;
let keys: ApiKeys;
beforeAll(async () => {
  store = await testClickHouse();
  keys = createApiKeys(store.clickhouse);
});
afterAll(() => store.drop());

const refreshMs = 10_000;

function clock(start = Date.now()) {
  let [time, passed] = [start, 0];
  return {
    now: () => time,
    uptime: () => passed,
    step(ms: number) {
      time += ms;
    },
    pass(ms: number) {
      time += ms;
      passed += ms;
    },
  };
}

/** The real keys behind a line that can be cut, counting what is asked. */
function severable(target: ApiKeys) {
  const line = { cut: false, asked: 0 };
  const through = <T>(ask: () => Promise<T>): Promise<T> => {
    line.asked++;
    return line.cut ? Promise.reject(new Error("connect ECONNREFUSED")) : ask();
  };
  return Object.assign(line, {
    activeKeys: (limit: number) => through(() => target.activeKeys(limit)),
    findByHash: (hash: string) => through(() => target.findByHash(hash)),
  });
}

describe("keys in ClickHouse", () => {
  test("the clear text is returned once and stored nowhere", async () => {
    const { key, keyId } = await keys.createKey({ project: "clear", scopes: ["read", "ingest"], label: "CI" });
    expect(key).toMatch(/^sh_ir_[A-Za-z0-9_-]{43}$/);
    const rows = await store.clickhouse.query(
      "SELECT *, hex(key_hash) AS key_hash FROM api_keys WHERE project = 'clear'",
    );
    expect(JSON.stringify(rows)).not.toContain(key.slice(6));
    const hash = createHash("sha256").update(key).digest("hex");
    expect(await keys.listKeys("clear")).toEqual([
      {
        keyId,
        hash,
        project: "clear",
        scopes: ["read", "ingest"],
        label: "CI",
        createdAt: expect.any(Number),
        expiresAt: undefined,
        revoked: false,
      },
    ]);
    expect((await keys.findByHash(hash))?.keyId).toBe(keyId);
  });

  test("a hostile label is a label", async () => {
    const label = "'); DROP TABLE api_keys; -- {x:String} \\ \u{1F511}";
    await keys.createKey({ project: "hostile", scopes: ["admin"], label });
    expect((await keys.listKeys("hostile")).map((key) => key.label)).toEqual([label]);
  });

  test("revoking is for good, leaves all else, and needs the right project", async () => {
    const { keyId } = await keys.createKey({ project: "revoking", scopes: ["ingest"], label: "a" });
    const [before] = await keys.listKeys("revoking");
    expect(await keys.revokeKey("another", keyId)).toBe(false);
    expect(await keys.listKeys("revoking")).toEqual([before]);
    expect(await keys.revokeKey("revoking", keyId)).toBe(true);
    expect(await keys.revokeKey("revoking", keyId)).toBe(true);
    expect(await keys.listKeys("revoking")).toEqual([{ ...before, revoked: true }]);
  });

  test("active keys are neither revoked nor expired", async () => {
    const project = "active";
    const soon = new Date(Date.now() + 3_600_000);
    const make = (label: string, expiresAt?: Date) =>
      keys.createKey({ project, scopes: ["ingest"], label, ...(expiresAt && { expiresAt }) });
    await make("forever");
    await make("soon", soon);
    await make("past", new Date(Date.now() - 60_000));
    await keys.revokeKey(project, (await make("revoked")).keyId);
    const active = (await keys.activeKeys(1_000)).filter((key) => key.project === project);
    expect(active.map(({ label, expiresAt }) => [label, expiresAt]).sort()).toEqual([
      ["forever", undefined],
      ["soon", Math.floor(soon.getTime() / 1000)],
    ]);
    expect(await keys.activeKeys(1)).toHaveLength(1);
  });

  test("a key without scopes, or for no possible project, is not made", async () => {
    await expect(keys.createKey({ project: "a", scopes: [], label: "" })).rejects.toThrow("at least one scope");
    await expect(keys.createKey({ project: "A b", scopes: ["read"], label: "" })).rejects.toThrow('project "A b"');
  });
});

test("only texts of a key's form have a hash", () => {
  const bits = "x".repeat(43);
  expect(apiKeyHash(`sh_ira_${bits}`)).toHaveLength(64);
  for (const text of ["", "sh", `sh__${bits}`, `sh_z_${bits}`, `sh_i_${bits}x`, `sh_i_${bits} `, `sh_i_${bits}\n`]) {
    expect(apiKeyHash(text)).toBeUndefined();
  }
});

describe("the key cache", () => {
  test("grants a key with its project, scopes and id; refuses what is none", async () => {
    const { key, keyId } = await keys.createKey({ project: "one", scopes: ["ingest"], label: "" });
    const cache = createKeyCache(keys, { refreshMs, now: Date.now, uptime });
    expect(await cache.authenticate(key)).toEqual({ kind: "granted", project: "one", scopes: ["ingest"], keyId });
    expect(await cache.authenticate(undefined)).toEqual({ kind: "missing" });
    expect(await cache.authenticate("")).toEqual({ kind: "missing" });
    expect(await cache.authenticate("password")).toEqual({ kind: "unknown" });
    expect(await cache.authenticate(`sh_i_${"A".repeat(43)}`)).toEqual({ kind: "unknown" });
    expect(await cache.authenticate(key.replace("sh_i_", "sh_ira_"))).toEqual({ kind: "unknown" });
  });

  test("a key works at once when it is made after the last refresh", async () => {
    const time = clock();
    const cache = createKeyCache(keys, { refreshMs, ...time });
    await cache.authenticate(`sh_i_${"B".repeat(43)}`);
    const { key } = await keys.createKey({ project: "new", scopes: ["ingest"], label: "" });
    expect(await cache.authenticate(key)).toMatchObject({ kind: "granted", project: "new" });
  });

  test("a revocation is seen within the refresh time", async () => {
    const time = clock();
    const cache = createKeyCache(keys, { refreshMs, ...time });
    const { key, keyId } = await keys.createKey({ project: "seen", scopes: ["ingest"], label: "" });
    expect((await cache.authenticate(key)).kind).toBe("granted");
    await keys.revokeKey("seen", keyId);
    time.pass(refreshMs);
    expect(await cache.authenticate(key)).toEqual({ kind: "unknown" });
  });

  test("a revocation is seen within the refresh time, whatever the clock does", async () => {
    const time = clock();
    const cache = createKeyCache(keys, { refreshMs, ...time });
    const { key, keyId } = await keys.createKey({ project: "stepped", scopes: ["ingest"], label: "" });
    expect((await cache.authenticate(key)).kind).toBe("granted");
    await keys.revokeKey("stepped", keyId);
    time.step(-3_600_000);
    time.pass(refreshMs);
    expect(await cache.authenticate(key)).toEqual({ kind: "unknown" });
  });

  test("a key expires without ClickHouse being asked", async () => {
    const time = clock();
    const line = severable(keys);
    const cache = createKeyCache(line, { refreshMs: 1e9, ...time });
    const expiresAt = new Date(time.now() + 60_000);
    const { key } = await keys.createKey({ project: "expiring", scopes: ["ingest"], label: "", expiresAt });
    expect((await cache.authenticate(key)).kind).toBe("granted");
    line.cut = true;
    time.pass(60_000);
    expect(await cache.authenticate(key)).toEqual({ kind: "unknown" });
  });

  test("while ClickHouse is down known keys work, others are unavailable; then all is well again", async () => {
    const time = clock();
    const line = severable(keys);
    const cache = createKeyCache(line, { refreshMs, ...time });
    const [old, made] = await Promise.all(
      ["old", "made"].map((label) => keys.createKey({ project: "down", scopes: ["ingest"], label })),
    );
    expect((await cache.authenticate(old!.key)).kind).toBe("granted");
    const unknown = `sh_i_${"C".repeat(43)}`;
    line.cut = true;
    for (let round = 0; round < 3; round++) {
      time.pass(refreshMs);
      expect((await cache.authenticate(old!.key)).kind).toBe("granted");
      expect(await cache.authenticate(unknown)).toMatchObject({ kind: "unavailable", retryAfterSeconds: 2 });
    }
    await keys.revokeKey("down", old!.keyId);
    line.cut = false;
    time.pass(refreshMs);
    await vi.waitFor(async () => expect((await cache.authenticate(old!.key)).kind).toBe("unknown"));
    expect((await cache.authenticate(made!.key)).kind).toBe("granted");
    expect((await cache.authenticate(unknown)).kind).toBe("unknown");
  });

  test("a ClickHouse that never answers holds nobody for long", async () => {
    vi.useFakeTimers();
    try {
      const silent = { activeKeys: () => new Promise<never>(() => {}), findByHash: () => new Promise<never>(() => {}) };
      const cache = createKeyCache(silent, { refreshMs, now: Date.now, uptime });
      const answer = cache.authenticate(`sh_i_${"D".repeat(43)}`);
      await vi.advanceTimersByTimeAsync(4_000);
      expect(await answer).toMatchObject({ kind: "unavailable" });
    } finally {
      vi.useRealTimers();
    }
  });

  test("known and unknown keys are each asked about once", async () => {
    const line = severable(keys);
    const { key } = await keys.createKey({ project: "once", scopes: ["read"], label: "" });
    const cache = createKeyCache(line, { refreshMs, ...clock() });
    const ask = () => Promise.all(Array.from({ length: 20 }, () => cache.authenticate(key)));
    await ask();
    await ask();
    expect(line.asked).toBe(1);
    for (let round = 0; round < 5; round++) await cache.authenticate(`sh_i_${"E".repeat(43)}`);
    expect(line.asked).toBe(2);
  });

  test("a flood of made-up keys asks for few at once", async () => {
    let open = 0;
    let most = 0;
    const slow = {
      activeKeys: () => Promise.resolve([]),
      findByHash: async () => {
        most = Math.max(most, ++open);
        await new Promise((resolve) => setImmediate(resolve));
        open--;
        return undefined;
      },
    };
    const cache = createKeyCache(slow, { refreshMs, now: Date.now, uptime });
    const flood = Array.from({ length: 500 }, (_, i) => cache.authenticate(`sh_i_${String(i).padStart(43, "0")}`));
    const kinds = new Set((await Promise.all(flood)).map(({ kind }) => kind));
    expect(kinds).toEqual(new Set(["unknown", "unavailable"]));
    expect(most).toBe(16);
  });
});
