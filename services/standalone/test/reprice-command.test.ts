import { createRuleHistory } from "@spanhouse/store/rule-history";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runConsumer } from "../../consumer/test/pipeline/running-consumer.ts";
import { chat, request, span } from "../../consumer/test/pipeline/spans.ts";
import { type TestClickHouse, testClickHouse } from "../../store/test/test-clickhouse.ts";
import { repriceCommand } from "../src/commands/reprice.ts";
import { runCommand } from "./run-command.ts";

let store: TestClickHouse;
beforeAll(async () => {
  store = await testClickHouse();
});
afterAll(() => store.drop());

const run = (...args: readonly string[]) =>
  runCommand(repriceCommand, store, args, { environment: { SPANHOUSE_ESTIMATES: "off" } });

test("the difference is shown first, and what is other than before is said", async () => {
  const consumer = await runConsumer(store.clickhouse);
  await consumer.send(request(span(1, 1, undefined, chat(1000, 100))));
  await consumer.stop();
  expect(await run("--dry-run")).toEqual({ code: 0, lines: ["nothing would change"] });
  await createRuleHistory(store.clickhouse, "prices").append({
    ...{ project: "p", name: "half", changedBy: "me", reason: "contract" },
    rule: '{"kind":"discount","match":{},"percent":"50"}',
  });
  expect((await run("--dry-run", "--from", "2026-10", "--to", "2026-11", "--project", "p")).lines).toEqual([
    "project  day         provider  model              calls  repriced  other owner  cost            would be        difference           of estimates",
    "p        2026-10-05  openai    gpt-4o-2024-08-06      1         1            0  0.003500000000  0.001750000000  -0.001750000000 USD  0.000000000000 USD",
  ]);
  expect((await run("--dry-run", "--from", "2026-11")).lines).toEqual(["nothing would change"]);
  expect(
    (await run("--dry-run", "--model", "gpt-4o-2024-08-06", "--json")).lines.map((line) => JSON.parse(line)),
  ).toMatchObject([{ model: "gpt-4o-2024-08-06", cost: "0.003500000000", newCost: "0.001750000000" }]);
  const { code, lines } = await run("--reason", "contract", "--by", "ann");
  expect(lines).toEqual([
    "prices and rules are other than those of number 1: rules",
    "2026-10-05T10:00Z to 2026-10-05T11:00Z: 1 spans, 1 traces, 1 slices",
    "1 spans restamped, cost -0.001750000000 USD; 0 below the number",
  ]);
  expect(code).toBe(0);
  expect((await run("--json")).lines.map((line) => JSON.parse(line))).toEqual([
    { restamped: 0, costChange: "0.000000000000", below: 0 },
  ]);
  expect((await run()).lines[0]).toBe("prices and rules are those of number 2");
}, 120_000);

test("prices are applied to all that is stored: a part is only previewed", async () => {
  await expect(run("--from", "2026-10")).rejects.toThrow("expected only with --dry-run");
});
