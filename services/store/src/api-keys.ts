import { Buffer } from "node:buffer";
import { createHash, randomBytes, randomUUID, timingSafeEqual } from "node:crypto";
import type { ClickHouse } from "./clickhouse.ts";
import { requireProjectName } from "./projects.ts";

export const apiKeyScopes = ["ingest", "read", "admin"] as const;
export type ApiKeyScope = (typeof apiKeyScopes)[number];

const scopeLetter = { ingest: "i", read: "r", admin: "a" } as const satisfies Record<ApiKeyScope, string>;

/** `sh_`, the letters of the scopes (a hint for people: what counts is stored), `_`, 256 random bits in base64url. */
const keyForm = /^sh_[ira]{1,3}_[A-Za-z0-9_-]{43}$/;

/** What is stored of a key: never the key. */
export interface ApiKey {
  readonly keyId: string;
  /** SHA-256 of the key, 64 lowercase hex digits. */
  readonly hash: string;
  readonly project: string;
  readonly scopes: readonly ApiKeyScope[];
  readonly label: string;
  /** Unix seconds. */
  readonly createdAt: number;
  /** Unix seconds; undefined: never. */
  readonly expiresAt: number | undefined;
  readonly revoked: boolean;
  /** Unix seconds, to within a minute or so; undefined: never, or not noted. */
  readonly lastUsedAt?: number | undefined;
}

export interface NewApiKey {
  readonly project: string;
  readonly scopes: readonly ApiKeyScope[];
  readonly label: string;
  readonly expiresAt?: Date;
}

/** The keys in ClickHouse. Every method throws what ClickHouse throws when it does not answer. */
export interface ApiKeys {
  /** Resolves once the key is durable. The clear text is in no other place, nor ever again. */
  createKey(wanted: NewApiKey): Promise<{ readonly key: string; readonly keyId: string }>;
  /** All keys of the project, revoked and expired ones too, oldest first. */
  listKeys(project: string): Promise<readonly ApiKey[]>;
  /**
   * A new key of the same scopes and label; the old one expires after the grace time, or earlier where it was to.
   * Undefined when the project has no such key, or it is revoked or expired.
   */
  rotateKey(
    project: string,
    keyId: string,
    graceSeconds: number,
  ): Promise<{ readonly key: string; readonly keyId: string } | undefined>;
  /** For good. False when the project has no such key. */
  revokeKey(project: string, keyId: string): Promise<boolean>;
  findByHash(hash: string): Promise<ApiKey | undefined>;
  /** Keys neither revoked nor expired, at most `limit`, the newest first. */
  activeKeys(limit: number): Promise<readonly ApiKey[]>;
}

/** The hash by which a key is stored, or undefined for a text that no key can be. */
export function apiKeyHash(key: string): string | undefined {
  return keyForm.test(key) ? createHash("sha256").update(key).digest("hex") : undefined;
}

interface ApiKeyRow {
  readonly key_id: string;
  readonly hash: string;
  readonly project: string;
  readonly scopes: readonly ApiKeyScope[];
  readonly label: string;
  readonly created: number;
  readonly expires: number;
  readonly revoked: boolean;
}

const select = `SELECT key_id, lower(hex(key_hash)) AS hash, project, scopes, label,
  toUnixTimestamp(created_at) AS created, toUnixTimestamp(expires_at) AS expires, revoked
FROM api_keys FINAL`;

function keyOf(row: ApiKeyRow): ApiKey {
  const { key_id: keyId, created: createdAt, expires, ...rest } = row;
  return { keyId, createdAt, expiresAt: expires === 0 ? undefined : expires, ...rest };
}

export function createApiKeys(clickhouse: ClickHouse): ApiKeys {
  const apiKeys: ApiKeys = {
    async createKey({ project, scopes, label, expiresAt }) {
      requireProjectName(project);
      if (scopes.length === 0) throw new RangeError("an API key needs at least one scope");
      const letters = apiKeyScopes.filter((scope) => scopes.includes(scope)).map((scope) => scopeLetter[scope]);
      const key = `sh_${letters.join("")}_${randomBytes(32).toString("base64url")}`;
      const keyId = randomUUID();
      await clickhouse.command(
        `INSERT INTO api_keys (key_id, version, key_hash, project, scopes, label, expires_at)
         SELECT {keyId:String}, 1, unhex({hash:String}), {project:String}, {scopes:Array(String)}, {label:String},
           toDateTime({expires:UInt32}, 'UTC')`,
        {
          keyId,
          hash: apiKeyHash(key),
          project,
          scopes: [...scopes],
          label,
          expires: expiresAt === undefined ? 0 : Math.floor(expiresAt.getTime() / 1000),
        },
      );
      return { key, keyId };
    },

    async listKeys(project) {
      const rows = await clickhouse.query<ApiKeyRow>(
        `${select} WHERE project = {project:String} ORDER BY created_at, key_id`,
        { project },
      );
      const uses = await clickhouse.queryRows<[string, number]>(
        `SELECT key_id, toUnixTimestamp(max(used_at)) FROM key_uses
         WHERE key_id IN (SELECT key_id FROM api_keys WHERE project = {project:String}) GROUP BY key_id`,
        { project },
      );
      const usedAt = new Map(uses);
      return rows.map((row) => ({ ...keyOf(row), lastUsedAt: usedAt.get(row.key_id) }));
    },

    async rotateKey(project, keyId, graceSeconds) {
      const where = "WHERE project = {project:String} AND key_id = {keyId:String}";
      const inUse = "NOT revoked AND (expires_at = toDateTime(0, 'UTC') OR expires_at > now())";
      const [row] = await clickhouse.query<ApiKeyRow>(`${select} ${where} AND ${inUse}`, { project, keyId });
      if (row === undefined) return undefined;
      const { scopes, label } = row;
      const made = await apiKeys.createKey({ project, scopes, label });
      await clickhouse.command(
        `INSERT INTO api_keys (key_id, version, key_hash, project, scopes, label, created_at, expires_at, revoked)
         SELECT key_id, version + 1, key_hash, project, scopes, label, created_at,
           if(expires_at = toDateTime(0, 'UTC'), last, least(expires_at, last)), revoked
         FROM (SELECT *, now() + {grace:UInt32} AS last FROM api_keys FINAL ${where})`,
        { project, keyId, grace: graceSeconds },
      );
      return made;
    },

    async revokeKey(project, keyId) {
      const where = "WHERE project = {project:String} AND key_id = {keyId:String}";
      const [row] = await clickhouse.query<ApiKeyRow>(`${select} ${where}`, { project, keyId });
      if (row === undefined) return false;
      // The top bit of the version: whatever else comes to be written about a key, revoked it stays.
      await clickhouse.command(
        `INSERT INTO api_keys (key_id, version, key_hash, project, scopes, label, created_at, expires_at, revoked)
         SELECT key_id, bitOr(version, bitShiftLeft(toUInt64(1), 63)), key_hash, project, scopes, label, created_at,
           expires_at, true FROM api_keys FINAL ${where}`,
        { project, keyId },
      );
      return true;
    },

    async findByHash(hash) {
      const [row] = await clickhouse.query<ApiKeyRow>(`${select} WHERE key_hash = unhex({hash:String})`, { hash });
      return row && keyOf(row);
    },

    async activeKeys(limit) {
      const rows = await clickhouse.query<ApiKeyRow>(
        `${select} WHERE NOT revoked AND (expires_at = toDateTime(0, 'UTC') OR expires_at > now())
         ORDER BY created_at DESC, key_id LIMIT {limit:UInt32}`,
        { limit },
      );
      return rows.map(keyOf);
    },
  };
  return apiKeys;
}

export type Authentication =
  | {
      readonly kind: "granted";
      readonly project: string;
      readonly scopes: readonly ApiKeyScope[];
      readonly keyId: string;
    }
  /** No key was sent. */
  | { readonly kind: "missing" }
  /** Never made, expired or revoked. */
  | { readonly kind: "unknown" }
  /** ClickHouse has to be asked about this key and does not answer. */
  | { readonly kind: "unavailable"; readonly message: string; readonly retryAfterSeconds: number };

export interface KeyAuthority {
  /** Never throws. Says what a key may do; whether that is enough for a route is the route's business. */
  authenticate(key: string | undefined): Promise<Authentication>;
}

export interface KeyCacheOptions {
  /** A revocation is seen after at most this long, unless ClickHouse is down. */
  readonly refreshMs: number;
  /** Unix milliseconds; says which keys have expired. */
  readonly now: () => number;
  readonly uptime: () => number;
}

/** How many keys, and as many texts that are none, are kept: about 30 MB of each at the most. */
const cachedKeys = 100_000;
/** So many unknown keys are looked up at once; made-up keys cannot load ClickHouse beyond that. */
const concurrentLookups = 16;
/** An answer of ClickHouse is waited for this long. */
const patienceMs = 2_000;
const retryAfterSeconds = 2;

/**
 * Keeps the active keys in memory, read again each `refreshMs` while keys are presented. One that is not among them
 * (made since) is looked up alone. While ClickHouse is down the keys known last go on working, until they expire.
 */
export function createKeyCache(
  store: Pick<ApiKeys, "activeKeys" | "findByHash">,
  { refreshMs, now, uptime }: KeyCacheOptions,
): KeyAuthority {
  let known = new Map<string, ApiKey>();
  const unknown = new Set<string>();
  const lookups = new Map<string, Promise<ApiKey | undefined>>();
  let refreshedAt = Number.NEGATIVE_INFINITY;
  let refreshing: Promise<void> | undefined;
  let down = false;

  async function refresh(): Promise<void> {
    const startedAt = uptime();
    try {
      const keys = await inTime(store.activeKeys(cachedKeys));
      known = new Map(keys.map((key) => [key.hash, key]));
      unknown.clear();
      down = false;
    } catch {
      down = true;
    }
    refreshedAt = startedAt;
    refreshing = undefined;
  }

  async function lookUp(hash: string): Promise<ApiKey | undefined> {
    try {
      const key = await inTime(store.findByHash(hash));
      if (key !== undefined && !key.revoked && known.size < cachedKeys) known.set(hash, key);
      if (key === undefined && unknown.size < cachedKeys) unknown.add(hash);
      return key;
    } finally {
      lookups.delete(hash);
    }
  }

  return {
    async authenticate(key) {
      if (key === undefined || key === "") return { kind: "missing" };
      const hash = apiKeyHash(key);
      if (hash === undefined) return { kind: "unknown" };
      if (uptime() - refreshedAt >= refreshMs) {
        refreshing ??= refresh();
        if (!down) await refreshing;
      }
      let found = known.get(hash);
      if (found === undefined) {
        if (unknown.has(hash)) return { kind: "unknown" };
        let lookup = lookups.get(hash);
        if (lookup === undefined) {
          if (lookups.size >= concurrentLookups) {
            return { kind: "unavailable", message: "too many unknown keys at once", retryAfterSeconds };
          }
          lookup = lookUp(hash);
          lookups.set(hash, lookup);
        }
        try {
          found = await lookup;
        } catch (cause) {
          const message = `the key cannot be looked up: ${cause instanceof Error ? cause.message : String(cause)}`;
          return { kind: "unavailable", message, retryAfterSeconds };
        }
      }
      if (found === undefined || !sameHash(found.hash, hash) || found.revoked || expired(found, now())) {
        return { kind: "unknown" };
      }
      return { kind: "granted", project: found.project, scopes: found.scopes, keyId: found.keyId };
    },
  };
}

function sameHash(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

function expired({ expiresAt }: ApiKey, unixMs: number): boolean {
  return expiresAt !== undefined && expiresAt * 1000 <= unixMs;
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`ClickHouse did not answer within ${patienceMs} ms`)), patienceMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
