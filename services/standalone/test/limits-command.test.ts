import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestClickHouse, testClickHouse } from "../../store/test/test-clickhouse.ts";
import { limits } from "../src/commands/limits.ts";
import { runCommand } from "./run-command.ts";

let store: TestClickHouse;
beforeAll(async () => {
  store = await testClickHouse();
});
afterAll(() => store.drop());

test("limits are set, listed and lifted; a number that is none is named", async () => {
  const set = (...args: string[]) => runCommand(limits, store, ["set", "--project", "shop", ...args]);
  await set("--traces-per-month", "1000", "--spans-per-second", "50");
  const { lines } = await runCommand(limits, store, ["list", "--json"]);
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { project: "shop", tracesPerMonth: 1_000, spansPerSecond: 50 },
  ]);
  expect((await runCommand(limits, store, ["list"])).lines).toEqual([
    "project  traces a month  spans a second  bytes a second",
    "shop               1000              50  none",
  ]);
  await set();
  expect((await runCommand(limits, store, ["list", "--json"])).lines).toEqual(['{"project":"shop"}']);
  await expect(set("--spans-per-second", "many")).rejects.toThrow(
    /--spans-per-second: expected a whole number.*"many"/,
  );
});
