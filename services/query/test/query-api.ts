import { uptime } from "@spanhouse/schemas/uptime";
import { createApiKeys, createKeyCache } from "@spanhouse/store/api-keys";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { defaultReadLimits, type ReadLimits } from "@spanhouse/store/readers/project-reader";
import { untraced } from "@spanhouse/tracing/tracing";
import { pino } from "pino";
import { Registry } from "prom-client";
import { type TestClickHouse, testClickHouse } from "../../store/test/test-clickhouse.ts";
import { createQueryApi, type QueryParts } from "../src/app.ts";
import { createQueryMetrics } from "../src/metrics.ts";

export interface TestApi {
  readonly clickhouse: ClickHouse;
  /** Asks with a key of project `p`. */
  get(path: string, key?: string): Promise<TestAnswer>;
  /** A key of a project. */
  key(project: string, scope?: "read" | "ingest"): Promise<string>;
  /** What it was made of. */
  readonly parts: QueryParts;
  readonly app: ReturnType<typeof createQueryApi>;
  readonly store: TestClickHouse;
  close(): Promise<void>;
}

export interface TestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly bytes: Buffer;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers as a client without types does
  readonly body: any;
}

/** When tests take place: 2026-11-20T12:00:30Z. */
export const testNow = Date.UTC(2026, 10, 20, 12, 0, 30);

/** The API on a fresh database, reading as the user who may only read. */
export async function testQueryApi(
  limits: Partial<ReadLimits> = {},
  parts: Partial<QueryParts> = {},
): Promise<TestApi> {
  const store = await testClickHouse();
  const apiKeys = createApiKeys(store.clickhouse);
  const keys = createKeyCache(createApiKeys(store.reader), { refreshMs: 60_000, now: Date.now, uptime });
  const all: QueryParts = {
    clickhouse: store.reader,
    keys,
    limits: { ...defaultReadLimits, ...limits },
    metrics: createQueryMetrics(new Registry()),
    tracer: untraced(),
    log: pino({ level: "warn" }),
    now: () => testNow,
    ...parts,
  };
  const app = createQueryApi(all);
  const key = async (project: string, scope: "read" | "ingest" = "read") =>
    (await apiKeys.createKey({ project, scopes: [scope], label: "test" })).key;
  const own = await key("p");
  return {
    clickhouse: store.clickhouse,
    parts: all,
    app,
    store,
    key,
    async get(path, asked = own) {
      const answer = await app.inject({ url: path, headers: { authorization: `Bearer ${asked}` } });
      const type = String(answer.headers["content-type"] ?? "");
      return {
        status: answer.statusCode,
        headers: answer.headers,
        bytes: answer.rawPayload,
        body: /json(?!l)/.test(type) ? JSON.parse(answer.rawPayload.toString()) : undefined,
      };
    },
    async close() {
      await app.close();
      await store.drop();
    },
  };
}
