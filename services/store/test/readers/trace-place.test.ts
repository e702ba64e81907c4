import { laneOf } from "@spanhouse/schemas/lane";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createProjectReader, defaultReadLimits, type ProjectReader } from "../../src/readers/project-reader.ts";
import { findTrace } from "../../src/readers/trace-place.ts";
import { readStandingTrace } from "../../src/readers/traces.ts";
import { type TestClickHouse, testClickHouse } from "../test-clickhouse.ts";
import { storeSpans, storeSummaries } from "./stored-trace.ts";

const traceId = "00112233445566778899aabbccddeeff";
const minute = 60_000_000_000n;
const start = BigInt(Date.UTC(2026, 10, 20, 12)) * 1_000_000n;
const span = (nth: bigint) => ({
  ...{ project: "p", traceId, spanId: `000000000000000${nth}` },
  ...{ start: start + nth * minute, end: start + nth * minute + 1n },
});

let store: TestClickHouse;
let reader: ProjectReader;
beforeAll(async () => {
  store = await testClickHouse();
  reader = createProjectReader(store.clickhouse, defaultReadLimits, "p", new AbortController().signal);
  await storeSpans(store.clickhouse, [span(0n), span(1n)]);
  await storeSummaries(store.clickhouse);
});
afterAll(() => store.drop());

test("a trace's place is its lane and the minutes in which its spans ended", async () => {
  const place = await findTrace(reader, traceId);
  expect({ ...place, buckets: place?.buckets.toSorted() }).toEqual({
    trace_id: traceId,
    lane: laneOf(traceId),
    buckets: [Number(start / 1_000_000_000n), Number(start / 1_000_000_000n) + 60],
  });
  expect(await findTrace(reader, "ff".repeat(16))).toBeUndefined();
});

test("a summary that moved to a later minute after the trace was looked for is found all the same", async () => {
  const place = { trace_id: traceId, lane: laneOf(traceId), buckets: [Number(start / 1_000_000_000n)] };
  expect((await readStandingTrace(reader, place))?.trace).toMatchObject({ trace_id: traceId, spans: 2 });
});
