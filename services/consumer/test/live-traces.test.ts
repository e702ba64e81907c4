import type { StoredTrace } from "@spanhouse/store/traces/trace-reader";
import { expect, test } from "vitest";
import { createLiveTraces } from "../src/live-traces.ts";
import { rowOf } from "./assemble/rows.ts";

const trace = (traceId: string, rows: number): StoredTrace => ({
  project: "p",
  traceId,
  rows: Array.from({ length: rows }, (_, i) => rowOf({ spanId: String(i) })),
  tombstones: new Set(),
  earliest: Number.POSITIVE_INFINITY,
});
const key = (traceId: string) => ({ project: "p", traceId });

test("those that were kept longest ago are let go when there are too many rows, and are not taken for new", () => {
  const live = createLiveTraces(10);
  live.keep(trace("a", 4));
  live.keep(trace("b", 4));
  live.keep(trace("a", 5));
  live.keep(trace("c", 4));
  live.trim();
  expect(live.find(key("a"))).toEqual({ kind: "live", trace: trace("a", 5) });
  expect(live.find(key("b"))).toEqual({ kind: "let-go" });
  expect(live.find(key("c")).kind).toBe("live");
  expect(live.find(key("d"))).toEqual({ kind: "new" });
  expect(live.find({ project: "q", traceId: "a" })).toEqual({ kind: "new" });

  live.keep(trace("b", 1));
  expect(live.find(key("b")).kind).toBe("live");
  live.forget(key("a"));
  live.trim();
  expect(live.find(key("a"))).toEqual({ kind: "let-go" });
  expect(live.find(key("c")).kind).toBe("live");
});

test("a trace larger than the bound is let go too", () => {
  const live = createLiveTraces(10);
  live.keep(trace("a", 11));
  live.trim();
  expect(live.find(key("a"))).toEqual({ kind: "let-go" });
});

test("when too many are to be remembered as let go, another writer begins that knows nothing", () => {
  const live = createLiveTraces(0);
  const { writer } = live;
  expect(createLiveTraces(0).writer).not.toBe(writer);
  for (let n = 0; n < 200_000; n++) live.forget(key(String(n)));
  live.trim();
  expect(live.writer).toBe(writer);
  live.keep(trace("kept", 1));
  live.forget(key("one more"));
  live.trim();
  expect(live.writer).not.toBe(writer);
  expect(live.find(key("kept"))).toEqual({ kind: "new" });
  expect(live.find(key("7"))).toEqual({ kind: "new" });
});
