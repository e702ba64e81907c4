import { afterAll, beforeAll, expect, test } from "vitest";
import { createLease } from "../src/leases.ts";
import { type TestClickHouse, testClickHouse } from "./test-clickhouse.ts";

let store: TestClickHouse;
beforeAll(async () => {
  store = await testClickHouse();
});
afterAll(() => store.drop());

test("one of many holds it, until it lets it go", async () => {
  const holders = Array.from({ length: 8 }, (_, i) =>
    createLease(store.clickhouse, { resource: "one of many", holder: `h${i}`, lengthMs: 60_000 }),
  );
  const held = await Promise.all(holders.map((lease) => lease.hold()));
  expect(held.filter(Boolean)).toHaveLength(1);
  const first = holders[held.indexOf(true)]!;
  const others = holders.filter((lease) => lease !== first);
  expect(await Promise.all(others.map((lease) => lease.hold()))).not.toContain(true);
  expect(await first.hold()).toBe(true);
  await first.release();
  const again = await Promise.all(others.map((lease) => lease.hold()));
  expect(again.filter(Boolean)).toHaveLength(1);
  expect(await first.hold()).toBe(false);
});

test("of one that died another takes it over when its time has run out", async () => {
  const lease = (holder: string, lengthMs: number) =>
    createLease(store.clickhouse, { resource: "died", holder, lengthMs });
  expect(await lease("a", 1).hold()).toBe(true);
  await expect.poll(() => lease("b", 60_000).hold(), { timeout: 10_000 }).toBe(true);
  expect(await lease("c", 60_000).hold()).toBe(false);
});
