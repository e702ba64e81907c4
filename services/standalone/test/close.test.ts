import { formatDollars, parseDollars } from "@spanhouse/schemas/money";
import { createRuleHistory } from "@spanhouse/store/rule-history";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runConsumer } from "../../consumer/test/pipeline/running-consumer.ts";
import { chat, minute0, request, second, span } from "../../consumer/test/pipeline/spans.ts";
import { type TestClickHouse, testClickHouse } from "../../store/test/test-clickhouse.ts";
import { differences, summed, total } from "../src/chargeback/charge-lines.ts";
import { converted } from "../src/chargeback/currency.ts";
import { closeCommand } from "../src/commands/close.ts";
import { repriceCommand } from "../src/commands/reprice.ts";
import { statement } from "../src/commands/statement.ts";
import { runCommand } from "./run-command.ts";

let store: TestClickHouse;
beforeAll(async () => {
  store = await testClickHouse();
});
afterAll(() => store.drop());

const run = (command: typeof closeCommand, ...args: readonly string[]) =>
  runCommand(command, store, args, { environment: { SPANHOUSE_ESTIMATES: "off" } });
const show = async () =>
  JSON.parse((await run(statement, "show", "2026-10", "--project", "p", "--format", "json")).lines[0]!);

/** From the first minute of 2026-10-05, 10:00 UTC, to a time, Unix ns. */
const until = (time: string) => BigInt(Date.parse(time)) * 1_000_000n - minute0 - second;
const call = (trace: number, at: bigint, more: Readonly<Record<string, string | number>> = {}) =>
  span(trace, 1, undefined, chat(1000, 100, { "spanhouse.team": "web", "spanhouse.cost_centre": "CC-1", ...more }), at);

test("a closed month stays as it was stated; what changes later stands beside it, dated", async () => {
  const consumer = await runConsumer(store.clickhouse);
  await consumer.send(
    request(
      // September and October in Berlin, on both sides of midnight: 22:00 UTC.
      call(1, until("2026-09-30T21:59:59Z")),
      call(2, until("2026-09-30T22:00:01Z")),
      call(3, 0n, { "spanhouse.team": "search, and find", "spanhouse.cost_centre": "" }),
      call(4, 0n, { "gen_ai.request.model": "none", "gen_ai.response.model": "none" }),
    ),
  );
  await consumer.stop();
  const berlin = ["--time-zone", "Europe/Berlin", "--currency", "EUR", "--rate", "0.9", "--rate-date", "2026-10-31"];
  const closed = await run(closeCommand, "2026-10", "--project", "p", "--by", "ann", ...berlin);
  expect(closed.code).toBe(0);
  expect(closed.lines.map((line) => line.replace(/20\d\d-\S+Z by/, "TIME by"))).toEqual([
    "p, 2026-10 (Europe/Berlin): 2026-09-30T22:00:00Z to 2026-10-31T23:00:00Z",
    "",
    "closed TIME by ann; 1 USD = 0.9 EUR on 2026-10-31",
    "team              cost centre  calls  unpriced  cost USD        estimated USD   cost EUR        estimated EUR",
    "search, and find  (none)           1         0  0.003500000000  0.000000000000  0.003150000000  0.000000000000",
    "web               CC-1             2         1  0.003500000000  0.000000000000  0.003150000000  0.000000000000",
    "all                                3         1  0.007000000000  0.000000000000  0.006300000000  0.000000000000",
  ]);
  const stated = await show();
  expect(stated.entries).toHaveLength(1);

  // A span comes late, and a contract halves what was paid.
  const late = await runConsumer(store.clickhouse);
  await late.send(request(call(5, 60n * second)));
  await late.stop();
  await createRuleHistory(store.clickhouse, "prices").append({
    ...{ project: "p", name: "half", changedBy: "me", reason: "contract" },
    rule: JSON.stringify({ kind: "discount", match: {}, percent: "50" }),
  });
  expect((await run(repriceCommand)).code).toBe(0);
  const later = await show();
  expect(later.entries[0]).toEqual(stated.entries[0]);
  expect(later.entries[1]).toMatchObject({
    ...{ kind: "pending", currency: "EUR" },
    total: { calls: 1, cost_usd: "-0.001750000000", cost: "-0.001575000000" },
    owners: [
      { team: "search, and find", calls: 0, cost_usd: "-0.001750000000" },
      { team: "web", calls: 1, cost_usd: "0.000000000000" },
    ],
  });

  // Closing again states the difference, once; the sum of all entries is what the month comes to now.
  await run(closeCommand, "2026-10", "--project", "p");
  const again = await run(closeCommand, "2026-10", "--project", "p", "--format", "json");
  const [closing, adjustment, ...more] = JSON.parse(again.lines[0]!).entries;
  expect(more).toEqual([]);
  expect(closing).toEqual(stated.entries[0]);
  expect({ ...adjustment, kind: "", at: "", by: "" }).toEqual({ ...later.entries[1], kind: "", at: "", by: "" });
  expect(adjustment.kind).toBe("adjustment");

  const { lines } = await run(statement, "show", "2026-10", "--project", "p", "--format", "csv");
  expect(lines[0]).toMatch(
    /^project,month,time_zone,from,to,kind,at,team,cost_centre,.*,cost_usd,.*,currency,rate,rate_date$/,
  );
  expect(lines.filter((line) => line.includes('"search, and find"'))).toHaveLength(2);
  expect((await run(statement, "list", "--project", "p")).lines).toHaveLength(3);
}, 120_000);

test.each([
  [closeCommand, ["2026-13", "--project", "p"], "expected one month as 2026-10"],
  [closeCommand, ["2049-01", "--project", "p"], "2049-01 has not ended in UTC"],
  [closeCommand, ["2026-09"], "project"],
  [closeCommand, ["2026-09", "--project", "p", "--time-zone", "Berlin"], "--time-zone: expected an IANA name"],
  [closeCommand, ["2026-09", "--project", "p", "--currency", "EUR"], "--rate: expected how much EUR one dollar is"],
  [closeCommand, ["2026-09", "--project", "p", "--currency", "EUR", "--rate", "0.9"], "--rate-date: expected the day"],
  [closeCommand, ["2026-09", "--project", "p", "--format", "xml"], "--format: expected table, json, csv"],
  [statement, ["drop", "--project", "p"], "expected list or show"],
] as const)("what cannot be meant is refused: %#", async (command, args, message) => {
  await expect(run(command, ...args)).rejects.toThrow(message);
});

test("a month that is not closed is none", async () => {
  expect(await run(statement, "show", "2026-08", "--project", "p")).toEqual({
    ...{ code: 1, lines: ["2026-08 of project p is not closed"] },
  });
});

const line = fc.record({
  ...{ team: fc.constantFrom("a", "b"), costCentre: fc.constantFrom("", "c"), feature: fc.constantFrom("", "f") },
  ...{ provider: fc.constant("openai"), model: fc.constantFrom("m", "n") },
  ...{ calls: fc.nat(9), unpricedCalls: fc.nat(3), inputTokens: fc.nat(99), cacheReadTokens: fc.nat(99) },
  ...{ cacheWriteTokens: fc.nat(99), outputTokens: fc.nat(99), cost: fc.bigInt(0n, 10n ** 14n) },
  estimatedCost: fc.bigInt(0n, 10n ** 6n),
});

test("what was stated and its adjustment are what is there now, whatever was there before", () => {
  fc.assert(
    fc.property(fc.array(line), fc.array(line), (stated, present) => {
      const both = [...stated, ...differences(present, stated)];
      expect(summed(both)).toEqual(summed(present));
      expect(total(both)).toEqual(total(present));
      expect(differences(present, present)).toEqual([]);
    }),
  );
});

test.each([
  ["1", "0.5", "0.500000000000"],
  ["0.000000000001", "0.5", "0.000000000000"],
  ["0.000000000003", "0.5", "0.000000000002"],
  ["-0.000000000003", "0.5", "-0.000000000002"],
  ["12.5", "153.27", "1915.875000000000"],
])("%s dollars at %s are %s", (amount, rate, expected) => {
  expect(formatDollars(converted(parseDollars(amount), { currency: "EUR", rate, rateDate: "2026-10-31" }))).toBe(
    expected,
  );
});
