import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { storeCalls } from "../../../alerts/test/stored-calls.ts";
import { readMetricWindows } from "../../src/readers/metric-windows.ts";
import { readMetrics, sliceKindFor } from "../../src/readers/metrics.ts";
import { createProjectReader, defaultReadLimits } from "../../src/readers/project-reader.ts";
import { foldSql, folds } from "../../src/slices/slice-sql.ts";
import { type TestClickHouse, testClickHouse } from "../test-clickhouse.ts";

let store: TestClickHouse;
const noon = Date.UTC(2026, 10, 20, 12) / 1000;

beforeAll(async () => {
  store = await testClickHouse();
  const services = ["'bot'", "'search'"];
  await storeCalls(
    store.clickhouse,
    Array.from({ length: 60 }, (_, i) => ({
      at: noon + i * 180 - 3600,
      calls: 1 + (i % 4),
      columns: {
        service: services[i % 2]!,
        outcome: i % 5 === 0 ? "'error'" : "'ok'",
        duration_us: String(1000 * (i + 1)),
        cost: `toDecimal64('0.00${i % 9}', 12)`,
      },
    })),
  );
  // Some of it is folded into hours.
  for (const kind of ["spend", "latency"] as const) {
    await store.clickhouse.command(foldSql(kind, folds.hour, `bucket < toDateTime(${noon}, 'UTC')`));
  }
});
afterAll(() => store.drop());

const reader = () => createProjectReader(store.reader, defaultReadLimits, "p", new AbortController().signal);

test("every window is what the metrics of its time are", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        signal: fc.constantFrom("calls", "cost", "error_rate", "p95_duration_us"),
        window: fc.integer({ min: 1, max: 90 }),
        first: fc.integer({ min: -30, max: 100 }),
        steps: fc.integer({ min: 0, max: 3 }),
        step: fc.integer({ min: 1, max: 60 }),
        groupBy: fc.constantFrom([], ["service"] as const),
        filtered: fc.boolean(),
      }),
      async ({ signal, window, first, steps, step, groupBy, filtered }) => {
        const filters = filtered ? new Map([["service", ["bot"]]] as const) : new Map();
        const begin = noon + first * 60;
        const asked = { signal, groupBy: [...groupBy], filters, window: window * 60 } as const;
        const windows = await readMetricWindows(reader(), {
          ...asked,
          ...{ first: begin, last: begin + steps * step * 60, step: step * 60 },
        } as Parameters<typeof readMetricWindows>[1]);
        for (let i = 0; i <= steps; i++) {
          const end = begin + i * step * 60;
          const question = {
            ...{ measures: [signal], groupBy: [...groupBy], filters, interval: "none", timeZone: "UTC" },
            ...{ from: end - window * 60, to: end, limit: 10, other: false, previous: false },
          } as unknown as Parameters<typeof readMetrics>[2];
          const { groups } = await readMetrics(reader(), sliceKindFor(question)!, question);
          const expected = groups
            .filter(({ totals }) => totals[signal] !== null && Number(totals[signal]) !== 0)
            .map(({ key, totals }) => [Object.values(key).join(), Number(totals[signal])] as const);
          const found = windows
            .filter((one) => one.end === end && one.value !== null && one.value !== 0)
            .map(({ key, value }) => [key.join(), value] as const);
          expect(sorted(found)).toEqual(sorted(expected));
        }
      },
    ),
    { numRuns: 25 },
  );
}, 120_000);

const sorted = (rows: readonly (readonly [string, number | null])[]) =>
  [...rows].map(([key, value]) => `${key} ${value?.toPrecision(9)}`).sort();
