import type { TraceRow } from "@spanhouse/store/traces/trace-row";
import { isAggregate, isVoid } from "@spanhouse/store/version";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { markTrace } from "../../src/assemble/marks.ts";
import { referenceMarks } from "./reference-marks.ts";
import { asStored, id, rowOf, traces, versionOf } from "./rows.ts";

const key = (row: TraceRow) => `${row.bucket} ${row.spanId}`;
const aggregates = (rows: readonly TraceRow[]) =>
  markTrace(rows)
    .rows.filter((row) => isAggregate(row.version))
    .map((row) => row.spanId)
    .sort();
const sorted = (rows: readonly TraceRow[]) => [...rows].sort((a, b) => (key(a) < key(b) ? -1 : 1));

describe("rules", () => {
  const wrapper = (spanId: string, parentSpanId = "") =>
    rowOf({ spanId, parentSpanId, role: "wrapper", operation: "invoke_agent" });
  const tool = (spanId: string, parentSpanId: string) =>
    rowOf({ spanId, parentSpanId, role: "tool", family: "none", usageState: "none" });

  test("M1: a wrapper repeats the call below it, however deep", () => {
    const between = rowOf({ spanId: "b", parentSpanId: "a", role: "other", usageState: "none", family: "none" });
    expect(aggregates([wrapper("a"), between, rowOf({ spanId: "c", parentSpanId: "b" })])).toEqual(["a"]);
  });
  test("M1: nested wrappers without calls: the deepest counts", () => {
    expect(aggregates([wrapper("a"), wrapper("b", "a"), wrapper("c", "b")])).toEqual(["a", "b"]);
  });
  test("M1: a wrapper above a call without usage keeps its own", () => {
    expect(aggregates([wrapper("a"), rowOf({ spanId: "b", parentSpanId: "a", usageState: "unknown" })])).toEqual([]);
  });
  test("M1: an embedding below a generating agent is not the agent's usage", () => {
    expect(aggregates([wrapper("a"), rowOf({ spanId: "b", parentSpanId: "a", family: "embed" })])).toEqual([]);
  });
  test("M1 and M2: a model call under a tool is no repetition", () => {
    expect(aggregates([wrapper("a"), tool("t", "a"), rowOf({ spanId: "c", parentSpanId: "t" })])).toEqual([]);
    expect(aggregates([rowOf({ spanId: "a" }), tool("t", "a"), rowOf({ spanId: "c", parentSpanId: "t" })])).toEqual([]);
  });
  test("M2: the same response id below, with other usage", () => {
    const high = rowOf({ spanId: "a", responseId: "r", inputTokens: 11 });
    expect(aggregates([high, rowOf({ spanId: "b", parentSpanId: "a", responseId: "r" })])).toEqual(["a"]);
    expect(aggregates([high, rowOf({ spanId: "b", parentSpanId: "a", responseId: "s" })])).toEqual([]);
  });
  test("M2: without ids, output below must reach the call's own", () => {
    const high = rowOf({ spanId: "a", outputTokens: 10 });
    const half = rowOf({ spanId: "b", parentSpanId: "a", outputTokens: 5, responseId: "r" });
    expect(aggregates([high, half])).toEqual([]);
    expect(aggregates([high, half, rowOf({ spanId: "c", parentSpanId: "a", outputTokens: 5 })])).toEqual(["a"]);
  });
  test("M3: twins anywhere count once, and M2 is silent between them", () => {
    const low = rowOf({ spanId: "b", parentSpanId: "a", responseId: "r" });
    expect(aggregates([rowOf({ spanId: "a", responseId: "r" }), low])).toEqual(["b"]);
    expect(
      aggregates([rowOf({ spanId: "a", responseId: "r" }), tool("t", "a"), { ...low, parentSpanId: "t" }]),
    ).toEqual(["b"]);
  });
  test("M4: a call without usage is the one below it, or the one of its response id", () => {
    const silent = (spanId: string, parentSpanId = "") =>
      rowOf({ spanId, parentSpanId, usageState: "unknown", inputTokens: 0, outputTokens: 0, responseId: "r" });
    expect(aggregates([silent("a"), silent("b", "a")])).toEqual(["a"]);
    expect(aggregates([silent("a"), tool("t", "a"), silent("b", "t")])).toEqual([]);
    expect(aggregates([silent("a"), rowOf({ spanId: "b", responseId: "r" })])).toEqual(["a"]);
    expect(aggregates([rowOf({ spanId: "a", responseId: "r" }), silent("b", "a")])).toEqual(["b"]);
  });
  test("M3: equal usage without a response id is two calls", () => {
    expect(aggregates([rowOf({ spanId: "a" }), rowOf({ spanId: "b" })])).toEqual([]);
  });
  test("void: one row of a span id counts, the others play no part", () => {
    const rows = [
      wrapper("a"),
      rowOf({ spanId: "b", parentSpanId: "a", bucket: 5, version: versionOf(1) }),
      rowOf({ spanId: "b", parentSpanId: "", bucket: 4, version: versionOf(2) }),
    ];
    expect(markTrace(rows).raised.map(key)).toEqual(["5 b"]);
    expect(
      markTrace(rows)
        .rows.filter((row) => isVoid(row.version))
        .map(key),
    ).toEqual(["5 b"]);
  });
});

describe("for any forest, cycles, orphans and duplicates included", () => {
  const few = { numRuns: 3000 };

  test("the marks are the reference's", () => {
    fc.assert(
      fc.property(traces, (rows) => {
        const stored = asStored(rows);
        const expected = referenceMarks(stored);
        const marked = markTrace(rows).rows;
        expect(new Set(marked.filter((row) => isVoid(row.version)).map(key))).toEqual(expected.void);
        expect(new Set(marked.filter((row) => isAggregate(row.version)).map(key))).toEqual(expected.aggregate);
      }),
      few,
    );
  });

  test("order does not matter", () => {
    const shuffled = traces.chain((rows) =>
      fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })),
    );
    fc.assert(
      fc.property(shuffled, ([rows, others]) => {
        expect(sorted(markTrace(others).rows)).toEqual(sorted(markTrace(rows).rows));
      }),
      few,
    );
  });

  test("once marked, nothing is left to mark", () => {
    fc.assert(
      fc.property(traces, (rows) => {
        expect(markTrace(markTrace(rows).rows).raised).toEqual([]);
      }),
      few,
    );
  });

  test("more rows only add marks, and marking on the way comes to the same", () => {
    const growing = traces.chain((rows) => fc.tuple(fc.constant(asStored(rows)), fc.nat(rows.length)));
    fc.assert(
      fc.property(growing, ([rows, cut]) => {
        const early = markTrace(rows.slice(0, cut)).rows;
        const atOnce = markTrace(rows).rows;
        const stepwise = markTrace([...early, ...rows.slice(cut)]).rows;
        const version = new Map(atOnce.map((row) => [key(row), row.version]));
        // An early mark of a row that is void now may remain beside: it counts nowhere.
        const shown = (all: readonly TraceRow[]) =>
          sorted(all).map((row) => `${key(row)} ${isVoid(row.version) ? "void" : isAggregate(row.version)}`);
        expect(shown(stepwise)).toEqual(shown(atOnce));
        for (const row of early)
          if (!isVoid(version.get(key(row))!)) expect(version.get(key(row))).toBe(row.version | version.get(key(row))!);
      }),
      few,
    );
  });
});

describe("100,000 spans", () => {
  const many = 100_000;
  const shapes: Record<string, (n: number) => Partial<TraceRow>> = {
    "a chain of wrappers and calls": (n) => ({
      parentSpanId: n === 0 ? "" : id(n - 1),
      role: n % 2 ? "model" : "wrapper",
      responseId: n % 3 ? "r" : "",
      inputTokens: n,
    }),
    "a fan of twins": (n) => ({ parentSpanId: n === 0 ? "" : id(0), responseId: "r" }),
    "one cycle": (n) => ({ parentSpanId: id((n + 1) % many), responseId: n % 2 ? "r" : "" }),
    "one span id in as many buckets": (n) => ({ spanId: id(0), bucket: n, version: versionOf(n % 1000) }),
  };
  // A quadratic walk would take minutes: the runner's timeout is the bound.
  test.each(Object.keys(shapes))(
    "%s",
    (shape) => {
      const rows = Array.from({ length: many }, (_, n) => rowOf({ spanId: id(n), ...shapes[shape]!(n) }));
      const { raised } = markTrace(rows);
      expect(raised.length).toBeGreaterThanOrEqual(many - 2);
    },
    5_000,
  );
});
