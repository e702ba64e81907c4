import { Buffer } from "node:buffer";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { storeSpans, storeSummaries, type TestSpan } from "../../store/test/readers/stored-trace.ts";
import { type TestApi, testNow, testQueryApi } from "./query-api.ts";

const minute = 60_000_000_000n;
const now = BigInt(testNow) * 1_000_000n;

interface Listed {
  readonly trace_id: string;
}

const idOf = (number: number) => number.toString(16).padStart(8, "0").repeat(4);

/** Trace `number` of one span that ended so many minutes ago. */
function trace(number: number, minutesAgo: number, columns: TestSpan["columns"] = {}, project = "p"): TestSpan {
  const end = now - BigInt(minutesAgo) * minute;
  return {
    project,
    traceId: idOf(number),
    spanId: "00000000000000aa",
    start: end - 1000n,
    end,
    columns: { name: "t", ...columns },
  };
}

let api: TestApi;
const ids = (body: { traces: readonly Listed[] }) => body.traces.map(({ trace_id }) => trace_id);

beforeAll(async () => {
  api = await testQueryApi();
});
afterAll(() => api.close());

describe("filters", () => {
  const hostile = `'; DROP TABLE traces; -- \\' ") OR 1=1 {user:String} \u0000 %27`;
  const alice = {
    name: "answer",
    ...{ user_id: "alice", conversation_id: "c1", service: "bot", environment: "prod", outcome: "refused" },
    ...{ request_model: "gpt-5", response_model: "gpt-5-2025-08-07", role: "model" },
  };

  beforeAll(async () => {
    await storeSpans(api.clickhouse, [
      trace(1, 5, alice),
      trace(2, 6, { user_id: "bob" }),
      trace(3, 7, { user_id: hostile, service: hostile, name: hostile }),
      trace(4, 60 * 30, { user_id: "alice" }),
      trace(5, 5, alice, "q"),
      // An impossible end lies in the quarantine bucket, the minute of 1970.
      { ...trace(6, 0), end: BigInt(Date.UTC(2199, 0, 1)) * 1_000_000n },
    ]);
    await storeSummaries(api.clickhouse);
  });

  test.each([
    ["user=alice", [1]],
    ["conversation=c1", [1]],
    ["model=gpt-5", [1]],
    ["model=gpt-5-2025-08-07", [1]],
    ["outcome=refused", [1]],
    ["service=bot", [1]],
    ["environment=prod", [1]],
    ["name=answer", [1]],
    ["user=alice&outcome=error", []],
    ["", [1, 2, 3]],
    ["from=2026-11-19T00:00:00Z", [1, 2, 3, 4]],
    // Ends are at …:30 of their minute: finer than the minute, and half-open.
    ["from=2026-11-20T11:54:30Z&to=2026-11-20T11:55:30Z", [2]],
    ["from=2026-11-20T13:54:30.000000001%2B02:00", [1]],
    ["from=2026-11-20T11:54:00Z&to=2026-11-20T11:55:00Z", [2]],
    ["from=1970-01-01T00:00:00Z&to=1970-01-01T00:01:00Z", [6]],
  ])("%s", async (query, expected) => {
    const { status, body } = await api.get(`/v1/traces?${query}`);
    expect({ status, ids: ids(body) }).toEqual({ status: 200, ids: expected.map(idOf) });
  });

  test("take any text as nothing but a value", async () => {
    for (const name of ["user", "service", "name"]) {
      const { body } = await api.get(`/v1/traces?${name}=${encodeURIComponent(hostile)}`);
      expect(ids(body)).toEqual([idOf(3)]);
    }
    for (const name of ["user", "conversation", "model", "service", "environment", "name"]) {
      for (const text of ["' OR '1'='1", "\\", "\\'", "{project:String}", "%", "\t\n", "1) OR (1=1"]) {
        const { status, body } = await api.get(`/v1/traces?${name}=${encodeURIComponent(text)}`);
        expect({ status, ids: ids(body) }).toEqual({ status: 200, ids: [] });
      }
    }
  });

  test("see nothing of another project", async () => {
    const { body } = await api.get("/v1/traces?from=2020-01-01T00:00:00Z", await api.key("r"));
    expect(body).toMatchObject({ traces: [], next_cursor: null });
  });

  test.each([
    ["colour=red", "colour"],
    ["outcome=fine", "outcome"],
    ["limit=0", "limit"],
    ["limit=201", "limit"],
    ["limit=1.5", "limit"],
    ["from=yesterday", "from"],
    ["from=2026-13-01T00:00:00Z", "from"],
    ["to=1969-12-31T23:59:59Z", "to"],
    ["from=2026-11-20T12:00:00Z&to=2026-11-20T12:00:00Z", "from"],
    ["user=a&user=b", "user"],
    ["user=", "user"],
  ])("%s is a wrong parameter", async (query, named) => {
    const { status, body } = await api.get(`/v1/traces?${query}`);
    expect({ status, code: body.code }).toEqual({ status: 400, code: "INVALID_PARAMETER" });
    expect(body.detail).toContain(`${named}: `);
  });
});

/** A cursor with another place in it. */
function forged(cursor: string, change: Readonly<Record<string, unknown>>): string {
  const [fingerprint, place] = JSON.parse(Buffer.from(cursor, "base64url").toString());
  return Buffer.from(JSON.stringify([fingerprint, { ...place, ...change }])).toString("base64url");
}

describe("pages", () => {
  const day = "from=2026-11-10T00:00:00Z&to=2026-11-20T12:10:00Z";
  const ago = (Number(now / minute) - Date.UTC(2026, 10, 10, 12) / 60_000) | 0;

  test("hold every trace once while others arrive and go on", async () => {
    // Several in a minute, and minutes far apart.
    const before = Array.from({ length: 40 }, (_, i) => trace(100 + i, ago + Math.floor(i / 7) * (i > 20 ? 60 : 1)));
    await storeSpans(api.clickhouse, before);
    await storeSummaries(api.clickhouse);
    const seen: string[] = [];
    let cursor = "";
    for (let page = 0; ; page++) {
      const { status, body } = await api.get(`/v1/traces?${day}&limit=7${cursor}`);
      expect(status).toBe(200);
      seen.push(...ids(body));
      if (body.next_cursor === null) break;
      cursor = `&cursor=${body.next_cursor}`;
      if (page < 3) {
        await storeSpans(api.clickhouse, [trace(200 + page, ago - 3), trace(300 + page, ago + 1)]);
        // One not shown yet goes on after the list's newest.
        await storeSpans(api.clickhouse, [
          { ...before[38 + (page % 2)]!, spanId: `00000000000000b${page}`, end: now + BigInt(page) * minute },
        ]);
        await storeSummaries(api.clickhouse);
      }
    }
    expect(new Set(seen).size).toBe(seen.length);
    for (const { traceId } of before) expect(seen).toContain(traceId);
  });

  test("come newest minute first", async () => {
    const { body } = await api.get(`/v1/traces?${day}&limit=200`);
    const minutes = body.traces.map(({ end_time }: { end_time: string }) => end_time.slice(0, 16));
    expect(minutes).toEqual(minutes.toSorted().toReversed());
  });

  test("go on only where the parameters are the same", async () => {
    const { next_cursor } = (await api.get(`/v1/traces?${day}&limit=2`)).body;
    expect((await api.get(`/v1/traces?${day}&limit=5&cursor=${next_cursor}`)).status).toBe(200);
    const other = await api.key("q");
    for (const [path, key] of [
      [`/v1/traces?${day}&user=alice&cursor=${next_cursor}`],
      [`/v1/traces?cursor=${next_cursor}`],
      [`/v1/traces?${day}&cursor=${next_cursor}x`],
      [`/v1/traces?${day}&cursor=%7B%7D`],
      [`/v1/traces?${day}&cursor=${next_cursor}`, other],
      [`/v1/traces?${day}&cursor=${forged(next_cursor, { to: "9".repeat(19) })}`],
      [`/v1/traces?${day}&cursor=${forged(next_cursor, { bucket: 2 ** 32 - 1 })}`],
      [`/v1/traces?${day}&cursor=${forged(next_cursor, { trace: "') OR 1=1" })}`],
    ] as const) {
      const { status, body } = await api.get(path, key);
      expect({ status, code: body.code }).toEqual({ status: 400, code: "INVALID_CURSOR" });
    }
  });
});
