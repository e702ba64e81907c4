import { createProjectLimits, noLimits, type ProjectLimits } from "@spanhouse/store/limits/project-limits";
import { createQuotaUsage } from "@spanhouse/store/limits/quota-usage";
import { createProjectReader, defaultReadLimits } from "@spanhouse/store/readers/project-reader";
import { readQuotaUsage } from "@spanhouse/store/readers/quota-usage";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type TestClickHouse, testClickHouse } from "../../store/test/test-clickhouse.ts";
import { createRateBucket } from "../src/quota/rate-bucket.ts";
import { createTraceQuota } from "../src/quota/trace-quota.ts";
import { partialSuccessIn, retryDelayIn, statusIn } from "./answers.ts";
import { createFakePublisher } from "./fake-publisher.ts";
import { grpcCaller } from "./grpc-call.ts";
import { request, span, testGateway } from "./test-gateway.ts";

let store: TestClickHouse;
beforeAll(async () => {
  store = await testClickHouse();
});
afterAll(() => store.drop());

const refreshMs = 50;

/** Every test's project has its keys, its limits and a clock of its own. */
function shared(project: string, limits: Partial<ProjectLimits>, now: () => number = Date.now) {
  const keys = {
    authenticate: async (keyId: string | undefined) =>
      ({ kind: "granted", project, scopes: ["ingest"], keyId: String(keyId) }) as const,
  };
  const publisher = createFakePublisher();
  const open = () =>
    testGateway(publisher, {
      keys,
      quotas: {
        table: createProjectLimits(store.clickhouse),
        usage: createQuotaUsage(store.clickhouse),
        usual: { ...noLimits, ...limits },
        ...{ refreshMs, now, uptime: now },
      },
    });
  return { publisher, open };
}

async function usedBy(project: string, month: string) {
  const reader = createProjectReader(store.reader, defaultReadLimits, project, new AbortController().signal);
  return (await readQuotaUsage(reader, month)).used;
}

const month = Date.UTC(2026, 10, 28, 12);

test("1,000 traces a month: the next is 429 until the month ends, and spans of known traces go on", async () => {
  let now = month;
  const { publisher, open } = shared("free", { tracesPerMonth: 1_000 }, () => now);
  const gateway = await open();
  for (let batch = 0; batch < 10; batch++) {
    const spans = Array.from({ length: 100 }, (_, n) => span(1 + batch * 100 + n, 1));
    expect((await gateway.post(request(...spans))).status).toBe(200);
  }
  const over = await gateway.post(request(span(1_001, 1)));
  expect([over.status, over.headers.get("retry-after")]).toEqual([429, String(2.5 * 86_400)]);
  expect(await statusIn(over)).toEqual({
    code: 8,
    message: "QUOTA_TRACES: the project's 1000 traces of this month are used; the next begins at 2026-12-01T00:00:00Z",
  });
  expect(await partialSuccessIn(await gateway.post(request(span(7, 2), span(1_002, 1), span(1_002, 2))))).toEqual({
    rejectedSpans: 2,
    errorMessage: expect.stringMatching(/^QUOTA_TRACES: /),
  });
  expect(publisher.records.at(-1)?.key).toBe(span(7, 2).traceId);
  await gateway.close();
  expect(await usedBy("free", "2026-11-01")).toMatchObject({ traces: 1_000, spans: 1_001 });

  // Another gateway, started later, knows; a new month does not.
  const other = await open();
  expect((await other.post(request(span(1_003, 1)))).status).toBe(429);
  now = Date.UTC(2026, 11, 1);
  expect((await other.post(request(span(1_003, 1)))).status).toBe(200);
  await other.close();
});

test("several gateways count a trace once, refuse for good, and overshoot by one exchange at most", async () => {
  const { publisher, open } = shared("fleet", { tracesPerMonth: 60 }, () => month);
  const gateways = await Promise.all([open(), open(), open()]);
  const refusedBy = new Set<number>();
  for (let n = 1; n <= 200; n++) {
    const statuses = await Promise.all(
      gateways.map(async (gateway) => (await gateway.post(request(span(n, 1)))).status),
    );
    statuses.forEach((status, index) => {
      // A gateway that has refused a new trace never takes another one.
      if (refusedBy.has(index)) expect(status).toBe(429);
      if (status === 429) refusedBy.add(index);
    });
  }
  expect(refusedBy.size).toBe(3);
  // All three were sent the same traces, and count one set. What another reported while it was fresh here counts twice
  // until the next exchange: a few traces of the quota may be left.
  const taken = new Set(publisher.records.map(({ key }) => key)).size;
  expect(taken).toBeLessThanOrEqual(60);
  expect(taken).toBeGreaterThan(30);
  await Promise.all(gateways.map((gateway) => gateway.close()));
  expect((await usedBy("fleet", "2026-11-01"))?.traces).toBe(taken);
});

test("what the others let in before an exchange is all that comes beyond", async () => {
  const { publisher, open } = shared("apart", { tracesPerMonth: 40 }, () => month);
  const [a, b] = await Promise.all([open(), open()]);
  for (let n = 1; n <= 30; n++) await a!.post(request(span(n, 1)));
  await vi.waitFor(async () => expect((await usedBy("apart", "2026-11-01"))?.traces).toBe(30), 10_000);
  // The other one may lag by an exchange: it takes the ten that are left, and no more than its own forty in any case.
  await vi.waitFor(async () => {
    for (let n = 100; n <= 140; n++) await b!.post(request(span(n, 1)));
    expect((await usedBy("apart", "2026-11-01"))?.traces).toBeGreaterThanOrEqual(40);
  }, 10_000);
  expect(new Set(publisher.records.map(({ key }) => key)).size).toBeLessThanOrEqual(70);
  // Another trace each time: one that came in before the exchange may go on.
  let next = 1_000;
  await vi.waitFor(async () => expect((await a!.post(request(span(next++, 1)))).status).toBe(429), 10_000);
  await Promise.all([a!.close(), b!.close()]);
});

test("spans and bytes a second: 429 and RESOURCE_EXHAUSTED, each with when to come again", async () => {
  let now = month;
  const { publisher, open } = shared("rates", { spansPerSecond: 10, bytesPerSecond: 100_000 }, () => now);
  const gateway = await open();
  const grpc = grpcCaller(gateway.grpcPort);
  const spans = (count: number) => request(...Array.from({ length: count }, (_, n) => span(1, n + 1)));
  // Larger than a second's worth: it passes, and is paid before the next.
  expect((await gateway.post(spans(35))).status).toBe(200);
  const over = await gateway.post(spans(1));
  expect([over.status, over.headers.get("retry-after")]).toEqual([429, "3"]);
  expect((await statusIn(over)).message).toBe("RATE_SPANS: the project may send 10 spans a second");
  const answer = await grpc.export(spans(1));
  expect(answer).toMatchObject({ code: 8, message: expect.stringMatching(/^RATE_SPANS: /) });
  expect(retryDelayIn((answer as { details: Uint8Array }).details)).toBe(2.5);
  now += 2_600;
  // What the span log did not take is not paid for.
  publisher.answers.push({ kind: "unavailable", message: "away", retryAfterSeconds: 1 });
  expect((await gateway.post(spans(30))).status).toBe(503);
  expect((await gateway.post(spans(1))).status).toBe(200);
  now += 10_000;
  expect((await gateway.post(request(span(2, 1, 150_000)))).status).toBe(200);
  expect((await statusIn(await gateway.post(spans(1)))).message).toMatch(/^RATE_BYTES: /);
  grpc.close();
  await gateway.close();
});

test("a project's own limits replace the usual ones, and are known without a restart", async () => {
  const { open } = shared("own", { tracesPerMonth: 1 }, () => month);
  const gateway = await open();
  expect((await gateway.post(request(span(1, 1)))).status).toBe(200);
  expect((await gateway.post(request(span(2, 1)))).status).toBe(429);
  await createProjectLimits(store.clickhouse).set("own", { ...noLimits, tracesPerMonth: 2 });
  await vi.waitFor(async () => expect((await gateway.post(request(span(2, 1)))).status).toBe(200), 10_000);
  expect((await gateway.post(request(span(3, 1)))).status).toBe(429);
  await createProjectLimits(store.clickhouse).set("own", noLimits);
  await vi.waitFor(async () => expect((await gateway.post(request(span(3, 1)))).status).toBe(200), 10_000);
  await gateway.close();
});

test("without ClickHouse spans are taken within the usual limits", async () => {
  const down = async () => {
    throw new Error("down");
  };
  const gateway = await testGateway(createFakePublisher(), {
    quotas: { table: { all: down }, usage: { report: down, read: down }, usual: { ...noLimits, tracesPerMonth: 1 } },
  });
  expect((await gateway.post(request(span(1, 1)))).status).toBe(200);
  expect((await gateway.post(request(span(2, 1)))).status).toBe(429);
  await gateway.close();
});

test("in any stretch of time a bucket gives at most its rate, a second's worth and one request", () => {
  const steps = fc.array(
    fc.record({ wait: fc.integer({ min: 0, max: 3_000 }), tokens: fc.integer({ min: 1, max: 50 }) }),
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), steps, (rate, asked) => {
      let now = 0;
      const bucket = createRateBucket(() => now);
      const given: Array<{ readonly at: number; readonly tokens: number }> = [];
      for (const { wait, tokens } of asked) {
        now += wait;
        if (bucket.take(tokens, rate) === 0) given.push({ at: now, tokens });
      }
      given.forEach((from, first) => {
        let sum = 0;
        for (const { at, tokens } of given.slice(first)) {
          sum += tokens;
          expect(sum - tokens).toBeLessThanOrEqual(rate * ((at - from.at) / 1000 + 1) + 1e-6);
        }
      });
    }),
  );
});

test("a quota never takes back a refusal, whatever is reported, read or forgotten", () => {
  const event = fc.oneof(
    fc.record({ kind: fc.constant("span"), trace: fc.integer({ min: 0, max: 30 }) }),
    fc.record({ kind: fc.constant("read"), stored: fc.integer({ min: 0, max: 30 }) }),
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 12 }),
      fc.array(event as fc.Arbitrary<{ kind: string; trace?: number; stored?: number }>),
      (limit, events) => {
        const quota = createTraceQuota();
        const admitted = new Set<string>();
        let refused = false;
        let stored = 0;
        for (const { trace, stored: other } of events) {
          if (trace !== undefined) {
            const id = String(trace);
            const known = admitted.has(id);
            const passes = quota.admit(id, limit);
            if (known) expect(passes).toBe(true);
            else if (refused) expect(passes).toBe(false);
            if (passes) admitted.add(id);
            else refused = true;
          } else {
            // What the store counts contains what was reported to it.
            stored = Math.max(stored, admitted.size, other!);
            quota.reported(quota.unreported(), stored);
          }
        }
        expect(admitted.size).toBeLessThanOrEqual(limit);
      },
    ),
  );
});

test("what was refused stays refused, though a trace counted twice for a while; a greater limit opens it", () => {
  const quota = createTraceQuota();
  expect([quota.admit("a", 3), quota.admit("b", 3)]).toEqual([true, true]);
  // Another gateway has reported both before this one does.
  quota.reported([], 2);
  expect(quota.admit("c", 3)).toBe(false);
  quota.reported(quota.unreported(), 2);
  expect(quota.admit("c", 3)).toBe(false);
  expect(quota.admit("a", 3)).toBe(true);
  expect(quota.admit("c", 4)).toBe(true);
});
