import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { insertRows } from "../../store/test/readers/stored-trace.ts";
import { type TestClickHouse, testClickHouse } from "../../store/test/test-clickhouse.ts";
import type { Command } from "../src/command.ts";
import { ownership } from "../src/commands/ownership.ts";
import { prices } from "../src/commands/prices.ts";
import { commitmentUses } from "../src/rules/commitments.ts";

let store: TestClickHouse;
beforeAll(async () => {
  store = await testClickHouse();
});
afterAll(() => store.drop());

async function run(command: Command, ...args: readonly string[]) {
  const { url, writer } = inject("clickhouse");
  const lines: string[] = [];
  const environment = {
    SPANHOUSE_CLICKHOUSE_URL: url,
    SPANHOUSE_CLICKHOUSE_DATABASE: store.database,
    ...(writer && { SPANHOUSE_CLICKHOUSE_USER: writer.username, SPANHOUSE_CLICKHOUSE_PASSWORD: writer.password }),
  };
  const signal = new AbortController().signal;
  const code = await command.run(args, { environment, signal, print: (line) => lines.push(line) });
  return { code, lines };
}

const discount = '{ kind: discount, match: { provider: openai }, percent: "5" }';

test("a rule is set, set again, listed, revoked, and its whole history stays with who and why", async () => {
  const set = await run(
    prices,
    "set",
    "openai",
    "--rule",
    discount,
    "--reason",
    "contract 7",
    "--project",
    "shop",
    "--by",
    "ann",
  );
  expect(set.code).toBe(0);
  expect(JSON.parse(set.lines[0]!)).toMatchObject({
    ...{ project: "shop", name: "openai", version: 1, changedBy: "ann", reason: "contract 7" },
    rule: { kind: "discount", match: { provider: "openai" }, percent: "5" },
  });
  await run(prices, "set", "openai", "--rule", discount.replace("5", "8"), "--reason", "renewed", "--project", "shop");
  expect((await run(prices, "list", "--project", "shop")).lines.join("\n")).toMatch(
    /shop +openai@v2 +\{.*"percent":"8"/,
  );
  expect((await run(prices, "list", "--project", "bank", "--json")).lines).toEqual([]);

  expect((await run(prices, "revoke", "openai")).code).toBe(1);
  expect((await run(prices, "revoke", "openai", "--project", "shop", "--reason", "ended", "--by", "bob")).code).toBe(0);
  expect((await run(prices, "list", "--json")).lines).toEqual([]);
  const history = (await run(prices, "history", "--json")).lines.map((line) => JSON.parse(line));
  expect(history.map(({ version, changedBy, reason }) => [version, changedBy, reason])).toEqual([
    [1, "ann", "contract 7"],
    [2, expect.any(String), "renewed"],
    [3, "bob", "ended"],
  ]);
  expect(history[2].rule).toBeNull();
});

test("owners have rules of the same kind", async () => {
  const rule = "{ match: { service: checkout }, set: { team: payments } }";
  expect((await run(ownership, "set", "checkout", "--rule", rule, "--reason", "new team")).code).toBe(0);
  expect((await run(ownership, "list")).lines.join("\n")).toMatch(/\(all\) +checkout@v1 +\{.*payments/);
});

describe("what cannot be meant is refused before anything is stored", () => {
  test.each([
    [["set", "a", "--rule", "{ kind: discount, match: {} }", "--reason", "x"], "percent"],
    [["set", "a", "--rule", discount], "--reason"],
    [["set", "a b", "--rule", discount, "--reason", "x"], "a name of letters"],
    [["set", "a", "--reason", "x"], "--rule or --file"],
    [["set", "a", "--file", "/none.yaml", "--reason", "x"], "/none.yaml cannot be read"],
    [["drop"], 'got "drop"'],
  ])("%j", async (args, message) => {
    await expect(run(prices, ...args)).rejects.toThrow(message);
    expect((await run(prices, "list", "--json")).lines).toEqual([]);
  });
});

test("a commitment shows what is spent of it in its month", async () => {
  const slice = (cost: string, provider: string) => ({
    ...{
      project: "shop",
      kind: "spend",
      bucket: { sql: "toDateTime('2026-11-20 11:00:00', 'UTC')" },
      lane: 0,
      rank: 1,
    },
    ...Object.fromEntries(dimensions.map((dimension) => [dimension, { sql: "['']" }])),
    ...{
      is_retry: { sql: "[false]" },
      provider: { sql: `['${provider}']` },
      cost: { sql: `[toDecimal128('${cost}', 12)]` },
    },
    ...Object.fromEntries(counts.map((count) => [count, { sql: "[1]" }])),
    ...Object.fromEntries(amounts.map((amount) => [amount, { sql: "[toDecimal128(0, 12)]" }])),
  });
  await insertRows(store.clickhouse, "rollup_minute", [slice("40.5", "openai")]);
  const rule = JSON.stringify({ kind: "commitment", match: { provider: "openai" }, amount: "100", per: "month" });
  const stored = { project: "shop", name: "openai-2026", version: 1, rule, changedBy: "", reason: "", changedAt: "" };
  const uses = (now: string) => commitmentUses(store.clickhouse, [stored], new Date(now));
  expect(await uses("2026-11-25T00:00:00Z")).toMatchObject([
    {
      from: "2026-11-01",
      to: "2026-12-01",
      committed: "100.000000000000",
      spent: "40.500000000000",
      remaining: "59.500000000000",
    },
  ]);
  expect(await uses("2026-12-01T00:00:00Z")).toMatchObject([{ spent: "0.000000000000" }]);
});

const dimensions = [
  ...["environment", "service", "release", "region", "team", "cost_centre", "feature", "prompt", "credential"],
  ...[
    "request_model",
    "response_model",
    "operation",
    "service_tier",
    "outcome",
    "refusal",
    "error_class",
    "price_state",
  ],
];
const counts = [
  ...["calls", "input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens"],
  "duration_us",
];
const amounts = ["estimated_cost", "cache_savings", "wasted_cost"];
