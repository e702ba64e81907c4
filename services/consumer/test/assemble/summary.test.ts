import { rankOf } from "@spanhouse/store/rank";
import type { TraceRow } from "@spanhouse/store/traces/trace-row";
import { isAggregate, isVoid } from "@spanhouse/store/version";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { markTrace } from "../../src/assemble/marks.ts";
import { summarise as summariseRows } from "../../src/assemble/summary.ts";
import { id, rowOf, traces, versionOf } from "./rows.ts";

const summarise = (rows: readonly TraceRow[]) => summariseRows("p", "t", markTrace(rows).rows);
const agent = (changes: Partial<TraceRow> = {}) =>
  rowOf({
    spanId: "a",
    name: "agent",
    role: "wrapper",
    operation: "invoke_agent",
    usageState: "none",
    priceState: "none",
    cost: 0n,
    startTime: 1_800_000_000_000_000_000n,
    endTime: 1_800_000_009_000_000_000n,
    ...changes,
  });
const call = (spanId: string, changes: Partial<TraceRow> = {}) => rowOf({ spanId, parentSpanId: "a", ...changes });

test("an agent's run, in numbers", () => {
  const rows = [
    agent({ inputTokens: 99, outputTokens: 99, cost: 999n, usageState: "exact", bucket: 31 }),
    call("b", { bucket: 30, cost: 40n, outcome: "error", errorClass: "server", usageState: "exact", service: "api" }),
    call("c", { bucket: 30, cost: 100n, isRetry: true, cacheSavings: 7n, cacheReadTokens: 4, responseModel: "n" }),
    call("d", { bucket: 30, cost: 60n, tags: ["x"] }),
    call("e", { bucket: 30, cost: 0n, priceState: "unknown_model", tags: ["w", "x"] }),
    call("f", {
      bucket: 30,
      cost: 0n,
      usageState: "unknown",
      priceState: "unknown_usage",
      inputTokens: 0,
      outputTokens: 0,
    }),
    call("g", { bucket: 30, cost: 0n, estimatedCost: 5n, usageState: "estimated", priceState: "estimated" }),
    call("t", {
      bucket: 30,
      role: "tool",
      family: "none",
      usageState: "none",
      priceState: "none",
      cost: 0n,
      toolName: "find",
    }),
    call("d", { bucket: 29, cost: 60n, version: versionOf(0) }),
  ];
  expect(summarise(rows)).toEqual({
    project: "p",
    traceId: "t",
    rootSpanId: "a",
    name: "agent",
    hasRoot: true,
    missingParents: 0,
    hasCycle: false,
    start: 1_800_000_000_000_000_000n,
    end: 1_800_000_009_000_000_000n,
    durationUs: 9_000_000,
    spanCount: 8,
    voidCount: 1,
    aggregateCount: 1,
    modelCalls: 6,
    toolCalls: 1,
    errorCount: 1,
    refusalCount: 0,
    retryCount: 1,
    inputTokens: 40,
    cacheReadTokens: 4,
    cacheWriteTokens: 0,
    outputTokens: 20,
    reasoningTokens: 0,
    cost: 200n,
    estimatedCost: 5n,
    cacheSavings: 7n,
    wastedCost: 40n,
    pricedCalls: 3,
    estimatedCalls: 1,
    unpricedCalls: 1,
    unknownUsageCalls: 1,
    outcome: "ok",
    outcomes: ["error", "ok"],
    errorClasses: ["server"],
    message: "",
    refusal: "none",
    userId: "",
    conversationId: "",
    tags: ["w", "x"],
    services: ["api", "shop"],
    environments: ["test"],
    providers: ["openai"],
    requestModels: ["m"],
    responseModels: ["m", "n"],
    operations: ["chat", "invoke_agent"],
    features: [],
    releases: [],
    teams: [],
    prompts: [],
    toolNames: ["find"],
    lastBucket: 31,
    buckets: [29, 30, 31],
    rank: (2n << 112n) + markTrace(rows).rows.reduce((sum, row) => sum + row.version, 0n),
  });
});

describe("outcome", () => {
  const later = 1_800_000_000_500_000_000n;
  test.each<[string, TraceRow[], string]>([
    [
      "is the root's when that is not ok",
      [agent({ outcome: "aborted" }), call("b", { outcome: "refused" })],
      "aborted",
    ],
    ["is ok over inner errors when the root is", [agent(), call("b", { outcome: "error" })], "ok"],
    [
      "is the most severe of the calls",
      [agent(), call("b", { outcome: "truncated" }), call("c", { outcome: "refused" })],
      "refused",
    ],
    [
      "forgets what was tried again",
      [agent(), call("b", { outcome: "truncated" }), call("c", { isRetry: true, startTime: later })],
      "ok",
    ],
    [
      "keeps what failed after its retry",
      [agent(), call("b", { isRetry: true }), call("c", { outcome: "truncated", startTime: later })],
      "truncated",
    ],
    ["asks orphans while the root is missing", [call("b", { outcome: "error" }), call("c")], "error"],
    [
      "does not ask aggregates",
      [agent(), call("b", { outcome: "refused", outputTokens: 1 }), call("c", { parentSpanId: "b" })],
      "ok",
    ],
  ])("%s", (_, rows, expected) => {
    expect(summarise(rows).outcome).toBe(expected);
  });
});

test("user and conversation are the root's, else the earliest span's that has one", () => {
  const rows = [
    agent(),
    call("c", { userId: "late", startTime: 1_800_000_000_000_000_002n }),
    call("b", { userId: "early", startTime: 1_800_000_000_000_000_001n, conversationId: "k" }),
  ];
  expect(summarise(rows)).toMatchObject({ userId: "early", conversationId: "k" });
  expect(summarise([...rows.slice(1), agent({ userId: "own", startTime: 1_800_000_000_000_000_009n })])).toMatchObject({
    userId: "own",
  });
});

test("impossible times are left out; none is no duration", () => {
  expect(summarise([agent({ startTime: 5n }), call("b", { startTime: 1_800_000_001_000_000_000n })])).toMatchObject({
    start: 1_800_000_001_000_000_000n,
    durationUs: 8_000_000,
  });
  expect(summarise([agent({ startTime: 5n, endTime: 6n })])).toMatchObject({ start: 0n, end: 0n, durationUs: 0 });
});

test("refusals by certainty, missing parents by id", () => {
  const rows = [
    call("b", { refusal: "suspected" }),
    call("c", { refusal: "filtered" }),
    call("d", { parentSpanId: "z" }),
  ];
  expect(summarise(rows)).toMatchObject({
    refusal: "filtered",
    refusalCount: 2,
    missingParents: 2,
    hasRoot: false,
    rootSpanId: "b",
  });
});

test("a function of the set of rows, whose spend is the sum of what counts", () => {
  fc.assert(
    fc.property(traces, (rows) => {
      const marked = markTrace(rows).rows;
      const summary = summariseRows("p", "t", marked);
      expect(summariseRows("p", "t", marked.toReversed())).toEqual(summary);
      const counts = marked.filter(
        (row) =>
          !isVoid(row.version) && !isAggregate(row.version) && (row.role === "model" || row.usageState === "exact"),
      );
      expect(summary.cost).toBe(counts.reduce((sum, row) => sum + row.cost, 0n));
      expect(summary.rank).toBe(rankOf(marked));
    }),
    { numRuns: 1000 },
  );
});

test("100,000 spans deep", () => {
  const rows = Array.from({ length: 100_000 }, (_, n) => rowOf({ spanId: id(n), parentSpanId: n ? id(n - 1) : "" }));
  expect(summarise(rows)).toMatchObject({ spanCount: 100_000, aggregateCount: 99_999, cost: 100n });
});
