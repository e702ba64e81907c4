import { afterAll, beforeAll, expect, test } from "vitest";
import { storeCalls } from "../../alerts/test/stored-calls.ts";
import { type TestClickHouse, testClickHouse } from "../../store/test/test-clickhouse.ts";
import { alerts } from "../src/commands/alerts.ts";
import { runCommand } from "./run-command.ts";

let store: TestClickHouse;
const noon = Date.UTC(2026, 10, 20, 12) / 1000;

beforeAll(async () => {
  store = await testClickHouse();
  const refused = { outcome: "'refused'", refusal: "'explicit'" };
  const minutes = Array.from({ length: 30 }, (_, i) => [
    { project: "shop", at: noon + i * 60, calls: 20 },
    { project: "shop", at: noon + i * 60, calls: i >= 10 && i < 15 ? 20 : 0, columns: refused },
  ]);
  await storeCalls(store.clickhouse, minutes.flat());
});
afterAll(() => store.drop());

const run = (...args: readonly string[]) => runCommand(alerts, store, [...args, "--project", "shop"]);
const rule = JSON.stringify({
  ...{ signal: "refusal_rate", group_by: ["service"], window: "2m", keep: "2m" },
  condition: { kind: "static", above: 0.3 },
});
const range = ["--from", "2026-11-20T12:00", "--to", "2026-11-20T12:30"];

test("a rule is tried on history before it is set: when it would have fired, and when not", async () => {
  const tried = await run("test", "refusals", "--rule", rule, ...range, "--json");
  expect(tried.code).toBe(0);
  expect(tried.lines.map((line) => JSON.parse(line))).toMatchObject([
    {
      group: { service: "bot" },
      summary: "refusals: refusal rate of bot is 33.3 % in 2m; bound: 30 %",
      firedAt: noon + 11 * 60,
      resolvedAt: noon + 19 * 60,
    },
  ]);
  const lines = (await run("test", "refusals", "--rule", rule, ...range)).lines;
  expect(lines.join("\n")).toMatch(/2026-11-20T12:11Z +2026-11-20T12:19Z +refusals: refusal rate of bot is 33.3 %/);
  // A terminal sees how far it is, and nothing of it is left.
  const shown: string[] = [];
  const watched = ["test", "refusals", "--rule", rule, "--from", "2026-11-20", "--to", "2026-11-20T12:30"];
  await runCommand(alerts, store, [...watched, "--project", "shop"], { onProgress: (text) => void shown.push(text) });
  expect(shown[0]).toMatch(/^\r\[=+ +\] +\d+ %/);
  expect(shown.at(-1)).toBe("\r\u001b[K");
  expect(
    (await run("test", "refusals", "--rule", rule, "--from", "2026-11-20T12:20", "--to", "2026-11-20T12:30")).lines,
  ).toEqual(["It would not have fired."]);
});

test("a rule is set, listed, tried by its name and revoked", async () => {
  await expect(run("test", "refusals", ...range)).rejects.toThrow("project shop has no alert rule refusals in force");
  expect((await run("set", "refusals", "--rule", rule, "--reason", "wave of the 20th")).code).toBe(0);
  expect((await run("list")).lines.join("\n")).toMatch(/refusals@v1 +refusal_rate +static +2m +warning +0 +never/);
  expect((await run("test", "refusals", ...range, "--json")).lines).toHaveLength(1);
  expect((await run("revoke", "refusals", "--reason", "done")).code).toBe(0);
  expect((await run("list", "--json")).lines).toEqual([]);
});

test("what is wrong with a rule is said, and nothing is stored", async () => {
  const wrong = JSON.stringify({ ...JSON.parse(rule), signal: "gold_rate" });
  await expect(run("set", "refusals", "--rule", wrong, "--reason", "x")).rejects.toThrow(/signal/);
  await expect(run("watch", "refusals")).rejects.toThrow(/expected list, test, set or revoke/);
  expect((await run("list", "--json")).lines).toEqual([]);
});
