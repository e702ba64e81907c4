import { AsyncLocalStorage } from "node:async_hooks";
import { EventEmitter } from "node:events";
import { type Context, type ContextManager, context, trace as otelTrace, ROOT_CONTEXT } from "@opentelemetry/api";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { currentSpan, extract, flush, init, inject, score, span, tool, trace, traced } from "../src/spanhouse.ts";
import { type Collector, startCollector } from "./collector.ts";

let collector: Collector;
beforeAll(async () => {
  collector = await startCollector();
});
afterAll(() => collector.stop());
beforeEach(() => {
  collector.spans.length = 0;
  init({ url: collector.url, service: "context" });
});
const emitted = async () => {
  await flush();
  return collector.spans.filter(({ name }) => name !== "spanhouse.close");
};
const parents = async () => {
  const spans = await emitted();
  return Object.fromEntries(
    spans.map(({ name, parentSpanId }) => [name, spans.find(({ spanId }) => spanId === parentSpanId)?.name]),
  );
};
const later = (ms = 1) => new Promise<void>((resolve) => setTimeout(resolve, ms));

test("Promise.all, timers, emitters and microtasks keep their own parents", async () => {
  const emitter = new EventEmitter();
  await trace("root", async () => {
    await Promise.all(
      ["a", "b"].map((name) =>
        span(name, async () => {
          await later();
          await span(`${name} inner`, () => later());
        }),
      ),
    );
    const done = new Promise<void>((resolve) => emitter.once("go", () => resolve(span("emitted", () => undefined))));
    setTimeout(() => emitter.emit("go"), 1);
    await done;
  });
  expect(await parents()).toEqual({
    root: undefined,
    a: "root",
    b: "root",
    "a inner": "a",
    "b inner": "b",
    emitted: "root",
  });
});

test("generators, plain and asynchronous: their body runs below the span, which ends with them", async () => {
  const numbers = traced(async function* numbers() {
    yield 1;
    await span("inside", () => later());
    yield 2;
  });
  const left = tool("left", function* () {
    yield "a";
    yield "b";
  });
  await trace("root", async () => {
    for await (const _number of numbers()) expect(currentSpan()?.traceId).toBeDefined();
    for (const _letter of left()) break;
  });
  expect(await parents()).toEqual({ root: undefined, numbers: "root", inside: "numbers", "execute_tool left": "root" });
  const spans = await emitted();
  expect(spans.find(({ name }) => name === "numbers")?.attributes["spanhouse.output"]).toBe("[1,2]");
});

test("what holds for a trace goes along to another process, and is inherited there", async () => {
  const headers = trace("here", { userId: "u 1", feature: "a,b=c" }, () => inject({ accept: "x" }));
  expect(headers).toMatchObject({
    accept: "x",
    baggage: "user.id=u%201,spanhouse.feature=a%2Cb%3Dc",
    traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/),
  });
  const parent = extract(new Headers(headers as Record<string, string>));
  trace("there", { ...(parent && { parent }) }, () => span("below", () => undefined));
  expect(await parents()).toEqual({ here: undefined, there: "here", below: "there" });
  expect((await emitted()).find(({ name }) => name === "below")?.attributes).toMatchObject({
    "user.id": "u 1",
    "spanhouse.feature": "a,b=c",
  });
  expect(inject({})).toEqual({});
  for (const traceparent of ["", "nonsense", `00-${"0".repeat(32)}-${"1".repeat(16)}-01`]) {
    expect(extract({ traceparent })).toBeUndefined();
  }
});

test("OpenTelemetry's spans lie below ours and ours below its, where it is set up; nothing is registered", async () => {
  const storage = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (given, call, thisArg, ...args) => storage.run(given, () => call.apply(thisArg as never, args)),
    bind: (_given, target) => target,
    enable: () => manager,
    disable: () => manager,
  };
  context.setGlobalContextManager(manager);
  const theirs = (traceId: string, spanId: string) =>
    otelTrace.setSpanContext(context.active(), { traceId, spanId, traceFlags: 1 });
  try {
    await context.with(theirs("a".repeat(32), "b".repeat(16)), () =>
      trace("under theirs", { userId: "u-1" }, async () => {
        const seen = otelTrace.getActiveSpan();
        expect(seen?.spanContext()).toMatchObject({ traceId: "a".repeat(32), spanId: currentSpan()?.spanId });
        expect(seen?.setAttribute("a", 1).isRecording()).toBe(false);
        await later();
        await context.with(theirs("a".repeat(32), "c".repeat(16)), () => span("under theirs in ours", () => later()));
        span("under ours", () => undefined);
      }),
    );
  } finally {
    context.disable();
  }
  const [deep, inner, outer] = await emitted();
  expect(outer).toMatchObject({ name: "under theirs", traceId: "a".repeat(32), parentSpanId: "b".repeat(16) });
  expect(inner).toMatchObject({ name: "under ours", parentSpanId: outer?.spanId });
  expect(deep).toMatchObject({ traceId: "a".repeat(32), parentSpanId: "c".repeat(16) });
  expect(deep?.attributes["user.id"]).toBe("u-1");
});

test("errors are told and thrown on; what JSON cannot say is said; a score without a span warns", async () => {
  const warnings: string[] = [];
  init({ url: collector.url, onWarning: (message) => warnings.push(message) });
  const circle: Record<string, unknown> = { big: 1n, call: () => 1, when: new Date(0) };
  circle.self = circle;
  expect(() =>
    traced((_value: unknown) => {
      throw new TypeError("no");
    }, "fails")(circle),
  ).toThrow("no");
  await expect(
    tool("rejects", async () => {
      throw "a text";
    })(),
  ).rejects.toBe("a text");
  score("quality", 1);
  expect(warnings).toEqual(['score "quality" has no span to be given to']);
  const [fails, rejects] = await emitted();
  expect(fails).toMatchObject({ status: 2, statusMessage: "no", attributes: { "error.type": "TypeError" } });
  expect(JSON.parse(String(fails?.attributes["spanhouse.input"]))).toEqual([
    { big: "1", call: "[Function: call]", when: {}, self: "[Circular]" },
  ]);
  expect(rejects).toMatchObject({ status: 2, attributes: { "error.type": "string" } });
});

test("one trace can be scored by its id from anywhere, a repeated id names the same score", async () => {
  for (const value of [0.2, 0.9]) score("quality", value, { id: "q-1", of: { traceId: "c".repeat(32) } });
  const [first, second] = await emitted();
  expect(second).toMatchObject({ traceId: "c".repeat(32), parentSpanId: undefined, spanId: first?.spanId });
});
