import { laneOf } from "@spanhouse/schemas/lane";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { laneSql } from "../../src/readers/trace-keys.ts";
import { type TestClickHouse, testClickHouse } from "../test-clickhouse.ts";

let store: TestClickHouse;
beforeAll(async () => {
  store = await testClickHouse();
});
afterAll(() => store.drop());

test("the lane that ClickHouse computes is the lane", async () => {
  const ids = fc.sample(
    fc.array(fc.constantFrom(..."0123456789abcdef"), { minLength: 32, maxLength: 32 }).map((digits) => digits.join("")),
    1000,
  );
  const rows = await store.clickhouse.queryRows<[string, number]>(
    `SELECT lower(hex(trace_id)), ${laneSql} FROM
     (SELECT toFixedString(unhex(arrayJoin({ids:Array(String)})), 16) AS trace_id)`,
    { ids },
  );
  expect(rows).toHaveLength(ids.length);
  for (const [id, lane] of rows) expect(lane).toBe(laneOf(id));
});
