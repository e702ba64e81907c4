import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { flush, init, shutdown, span, trace } from "../src/spanhouse.ts";
import { type Collector, startCollector } from "./collector.ts";

let collector: Collector;
const warnings: string[] = [];
beforeEach(async () => {
  collector = await startCollector();
  warnings.length = 0;
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  await shutdown(100);
  await collector.stop();
});
const start = (options = {}) =>
  init({ url: collector.url, service: "delivery", onWarning: (message) => warnings.push(message), ...options });
const sequences = () => collector.spans.flatMap(({ attributes }) => (attributes["spanhouse.sequence"] as number) ?? []);

test("says who sends: service, release, environment, an instance of its own; and the key", async () => {
  start({ apiKey: "sh_test", release: "1.2.3", environment: "test" });
  trace("one", () => undefined);
  expect(await flush()).toEqual({ sent: 1, retried: 0, dropped: 0, pending: 0 });
  expect(collector.resources[0]).toEqual({
    "service.name": "delivery",
    "service.version": "1.2.3",
    "deployment.environment.name": "test",
    "telemetry.sdk.name": "spanhouse",
    "telemetry.sdk.language": "nodejs",
    "telemetry.sdk.version": expect.any(String),
    "spanhouse.instance": expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  expect(collector.requests[0]?.headers).toMatchObject({ authorization: "Bearer sh_test" });
});

test("shutdown says how many spans there were", async () => {
  start();
  for (let i = 0; i < 3; i++) trace(`t${i}`, () => undefined);
  await shutdown();
  const close = collector.spans.find(({ name }) => name === "spanhouse.close");
  expect(close?.attributes).toEqual({ "spanhouse.final_sequence": 3 });
  expect(sequences()).toEqual([1, 2, 3]);
});

test("sends again what was limited, failed or cut off, and loses nothing", async () => {
  start();
  const answers = [{ status: 429, headers: { "retry-after": "0" } }, { status: 503 }, { status: 200, reset: true }];
  collector.answer = () => answers.shift() ?? { status: 200 };
  trace("kept", () => undefined);
  expect(await flush(20_000)).toEqual({ sent: 1, retried: 3, dropped: 0, pending: 0 });
  expect(sequences()).toEqual([1]);
  expect(warnings.length).toBeGreaterThan(0);
});

test("honours Retry-After even when it is told to hurry", async () => {
  start();
  collector.answer = () =>
    collector.requests.length === 0 ? { status: 429, headers: { "retry-after": "60" } } : { status: 200 };
  trace("waits", () => undefined);
  // The wait is the clock's, which stands still; sockets are not.
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const flushes = [flush(3_600_000), flush(3_600_000)];
  const waits = () => warnings.some((message) => message.includes("429"));
  while (!waits()) await new Promise((resolve) => setImmediate(resolve));
  flushes.push(flush(3_600_000));
  await vi.advanceTimersByTimeAsync(59_999);
  expect(collector.requests).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect((await Promise.all(flushes)).map(({ sent }) => sent)).toEqual([1, 1, 1]);
  expect(collector.requests).toHaveLength(2);
});

test("halves a batch that is too large, and drops only the span that no batch can hold", async () => {
  start();
  collector.answer = (bytes) => ({ status: bytes > 3_000 ? 413 : 200 });
  for (let i = 0; i < 40; i++) trace("small", { metadata: { i } }, () => undefined);
  trace("large", { input: "x".repeat(4_000) }, () => undefined);
  expect(await flush()).toMatchObject({ sent: 40, dropped: 1, pending: 0 });
});

test("a refused key drops and says so, once", async () => {
  start();
  collector.answer = () => ({ status: 401 });
  for (let i = 0; i < 2; i++) {
    trace("refused", () => undefined);
    await flush();
  }
  expect(await flush()).toMatchObject({ sent: 0, dropped: 2 });
  expect(warnings).toEqual(["1 spans were dropped: the receiver answered 401"]);
});

test("with nobody there, 100,000 spans stay under the bound, whole traces go first, and nothing is thrown", async () => {
  await collector.stop();
  const maxQueueBytes = 1_000_000;
  start({ maxQueueBytes });
  const external = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 50_000; i++) trace("root", { userId: `user-${i}` }, () => span("child", () => undefined));
  expect(process.memoryUsage().arrayBuffers - external).toBeLessThan(20 * maxQueueBytes);
  const { dropped, pending, sent } = await flush(50);
  expect(sent).toBe(0);
  expect(dropped + pending).toBe(100_000);
  expect(pending * 100).toBeLessThan(maxQueueBytes);
  expect(pending % 2).toBe(0);
});

test("flush comes back in time from a receiver that never answers", async () => {
  start();
  collector.answer = () => ({ status: 200, hang: true });
  trace("stuck", () => undefined);
  expect(await flush(100)).toMatchObject({ sent: 0, pending: 1 });
});

test("a span that stays open is announced once, and its end supersedes that", async () => {
  start();
  const now = performance.now.bind(performance);
  await trace("slow", async () => {
    vi.spyOn(performance, "now").mockImplementation(() => now() + 5_000);
    await expect
      .poll(() => collector.spans.filter(({ attributes }) => attributes["spanhouse.open"] === true).length, {
        timeout: 15_000,
      })
      .toBe(1);
  });
  await flush();
  const [announced, ended] = collector.spans;
  expect(announced).toMatchObject({ name: "slow", end: 0n, attributes: { "spanhouse.open": true } });
  expect(announced?.attributes["spanhouse.sequence"]).toBeUndefined();
  expect(ended).toMatchObject({ spanId: announced?.spanId, attributes: { "spanhouse.sequence": 1 } });
});

test("options that make no sense are named", () => {
  expect(() => init({ url: "localhost:4318" })).toThrow(/url must be an http or https address/);
  expect(() => init({ samplePayloads: 2 })).toThrow(/samplePayloads must be a number from 0 to 1/);
  start();
});
