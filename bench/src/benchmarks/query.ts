import { join } from "node:path";
import { createApiKeys } from "@spanhouse/store/api-keys";
import { type ClickHouse, createClickHouse } from "@spanhouse/store/clickhouse";
import { migrate } from "@spanhouse/store/migrate";
import { createRandom, type Random } from "../generator/random.ts";
import { startLiveIngest } from "../measure/live-ingest.ts";
import { startLocalStack } from "../measure/local-stack.ts";
import { builtQuery, startQueryProcess } from "../measure/query-process.ts";
import type { Figure } from "../measure/report.ts";
import type { Benchmark } from "./benchmark.ts";
import {
  dataEnd,
  insertQueryData,
  models,
  type QueryData,
  rareWord,
  traceCount,
  traceIdSql,
  traceStart,
  users,
} from "./query-data.ts";

const clients = 4;
/** Of each route, so many are asked alone to count what ClickHouse reads. */
const countedQueries = 20;

interface Route {
  readonly name: string;
  readonly weight: number;
  /** p95, ms. */
  readonly target: number;
  readonly counted: boolean;
  path(random: Random): string;
}

/** A trace of 50 spans, and one of the calls in it. */
interface LargeTrace {
  readonly traceId: string;
  readonly spanId: string;
}

/**
 * Seeded questions to the query API as it is deployed, by four clients at once, over spans that were inserted as the
 * consumer leaves them: once with ClickHouse's caches dropped, then warm, then while a consumer works off `ingest` spans a
 * second beside it, for which the targets are. The default is a quarter of what one works off here.
 */
export const query: Benchmark = {
  name: "query",
  summary: "p50 and p95 of the query API's routes by four clients, and what ClickHouse reads for them",
  options: { spans: 1_000_000, days: 30, payload: 500, queries: 1000, seed: 7, ingest: 1_700 },

  async run({ spans = 0, days = 0, payload = 0, queries = 0, seed = 0, ingest = 0 }, tell) {
    const stack = await startLocalStack();
    const { options } = stack.database("bench");
    const clickhouse = createClickHouse({ ...options, timeoutMs: 600_000 });
    try {
      await clickhouse.createDatabase();
      await migrate(clickhouse);
      const data = { spans, days, payload, seed };
      await insertQueryData(clickhouse, data, tell);
      const { key } = await createApiKeys(clickhouse).createKey({ project: "bench", scopes: ["read"], label: "bench" });
      const api = await startQueryProcess(builtQuery, options, join(stack.directory, "query.log"));
      try {
        const ask = createAsk(api.url, key);
        const routes = routesOf(data, await largeTraces(clickhouse, data));
        await clickhouse.command("SYSTEM DROP MARK CACHE");
        const cold = await measure(routes, createRandom(seed, 1), Math.ceil(queries / 10), ask);
        const warm = await measure(routes, createRandom(seed, 2), queries, ask);
        const read = await countReads(
          clickhouse,
          routes.filter(({ counted }) => counted),
          createRandom(seed, 3),
          ask,
        );
        const figures = [
          ...read,
          ...figuresOf("cold", routes, cold, false),
          ...figuresOf("warm", routes, warm, ingest === 0),
        ];
        if (ingest > 0) {
          const live = await startLiveIngest(stack, { clickhouse: options, project: "default", rate: ingest, seed });
          const began = performance.now();
          const beside = await measure(routes, createRandom(seed, 4), queries, ask).finally(live.stop);
          const rate = live.spans / ((performance.now() - began) / 1000);
          figures.push({ name: "ingest", value: rate, unit: "spans/s", target: null, ok: true });
          figures.push(...figuresOf("beside ingest", routes, beside, true));
        }
        return { figures, versions: await stack.versions() };
      } finally {
        await api.stop();
      }
    } finally {
      await clickhouse.close();
      await stack.stop();
    }
  },
};

function routesOf(data: QueryData, large: readonly LargeTrace[]): readonly Route[] {
  const before = (days: number) => new Date(Date.parse(dataEnd) - days * 86_400_000).toISOString().replace(".000", "");
  const day = `from=${before(1)}&to=${dataEnd}`;
  const month = `from=${before(30)}&to=${dataEnd}`;
  const charts = [
    "measures=cost,calls&group_by=provider&interval=day&other=true&limit=5",
    "measures=calls,error_rate&interval=hour",
    "measures=p95_duration_us,p50_time_to_first_chunk_us&interval=day",
    "measures=cost,input_tokens,output_tokens&group_by=response_model&previous=true",
  ];
  return [
    {
      ...{ name: "trace of 50 spans", weight: 25, target: 25, counted: true },
      path: (random) => `/v1/traces/${random.pick(large).traceId}`,
    },
    {
      ...{ name: "span with payload", weight: 25, target: 25, counted: true },
      path(random) {
        const { traceId, spanId } = random.pick(large);
        return `/v1/traces/${traceId}/spans/${spanId}`;
      },
    },
    {
      ...{ name: "trace list, two filters", weight: 25, target: 150, counted: true },
      path: (random) => `/v1/traces?${day}&user=user-${random.int(0, users - 1)}&model=${random.pick(models)}`,
    },
    {
      ...{ name: "overview chart, 30 days", weight: 20, target: 200, counted: false },
      path: (random) => `/v1/metrics?${month}&${random.pick(charts)}`,
    },
    ...(data.payload === 0
      ? []
      : [
          {
            ...{ name: "text search, a day", weight: 5, target: 1000, counted: false },
            path: () => `/v1/traces?${day}&text=${rareWord}`,
          },
        ]),
  ];
}

/** Some of the traces of 50 spans, all over the time. */
async function largeTraces(clickhouse: ClickHouse, data: QueryData): Promise<readonly LargeTrace[]> {
  const random = createRandom(data.seed);
  const numbers = Array.from({ length: 500 }, () => random.int(0, traceCount(data) / 20 - 1) * 20);
  const rows = await clickhouse.queryRows<[string, string]>(
    `SELECT lower(hex(${traceIdSql("one")})), lower(hex(reinterpretAsFixedString(sipHash64(one, toUInt64(4), 1))))
     FROM (SELECT arrayJoin({numbers:Array(UInt64)}) AS one)`,
    { numbers, seed: data.seed },
  );
  if (traceStart(data, numbers[0]!) > Date.parse(dataEnd)) throw new Error("traces begin after the data ends");
  return rows.map(([traceId, spanId]) => ({ traceId, spanId }));
}

/** Resolves with the milliseconds until the whole answer was there. */
type Ask = (path: string) => Promise<number>;

function createAsk(url: string, key: string): Ask {
  return async function ask(path) {
    const began = performance.now();
    const answer = await fetch(url + path, { headers: { authorization: `Bearer ${key}` } });
    const body = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${body.slice(0, 500)}`);
    return performance.now() - began;
  };
}

type Times = ReadonlyMap<string, number[]>;

async function measure(routes: readonly Route[], random: Random, queries: number, ask: Ask): Promise<Times> {
  const times = new Map<string, number[]>(routes.map(({ name }) => [name, []]));
  const asked = Array.from({ length: queries }, () => {
    const route = random.weighted(routes);
    return { name: route.name, path: route.path(random) };
  });
  const client = async () => {
    for (let next = asked.pop(); next !== undefined; next = asked.pop()) {
      times.get(next.name)!.push(await ask(next.path));
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return times;
}

function figuresOf(state: string, routes: readonly Route[], times: Times, targeted: boolean): Figure[] {
  return routes.flatMap(({ name, target }) => {
    const sorted = times.get(name)!.toSorted((a, b) => a - b);
    const quantile = (level: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * level))] ?? 0;
    const p95 = quantile(0.95);
    return [
      { name: `${name}, ${state}, p50`, value: quantile(0.5), unit: "ms", target: null, ok: true },
      {
        ...{ name: `${name}, ${state}, p95`, value: p95, unit: "ms" },
        ...(targeted ? { target, ok: p95 <= target } : { target: null, ok: true }),
      },
    ];
  });
}

/** Rows and bytes that ClickHouse read, by its own counters, one question at a time. */
async function countReads(
  clickhouse: ClickHouse,
  routes: readonly Route[],
  random: Random,
  ask: Ask,
): Promise<Figure[]> {
  const counters = async () => {
    const rows = await clickhouse.queryRows<[string, string]>(
      "SELECT event, toString(value) FROM system.events WHERE event IN ('SelectedRows', 'SelectedBytes')",
    );
    return new Map(rows.map(([event, value]) => [event, Number(value)]));
  };
  const figures: Figure[] = [];
  for (const { name, path } of routes) {
    const before = await counters();
    for (let i = 0; i < countedQueries; i++) await ask(path(random));
    const after = await counters();
    for (const [event, unit] of [
      ["SelectedRows", "rows"],
      ["SelectedBytes", "bytes"],
    ] as const) {
      const value = ((after.get(event) ?? 0) - (before.get(event) ?? 0)) / countedQueries;
      figures.push({ name: `${name}, read`, value, unit, target: null, ok: true });
    }
  }
  return figures;
}
