import { afterAll, beforeAll, it } from "vitest";
import { type TestClickHouse, testClickHouse } from "../../../store/test/test-clickhouse.ts";
import { expectSameTables } from "./same-tables.ts";

/** `npm run test:full` draws more schedules. */
const schedules = process.env.SPANHOUSE_TEST_FULL ? 300 : 8;

let store: TestClickHouse;

beforeAll(async () => {
  store = await testClickHouse();
});
afterAll(() => store.drop());

it("the same spans in any order, batches and repetition, with crashes between any two writes, give the same tables", async () => {
  await expectSameTables({ reference: store.clickhouse, tested: store.clickhouse, schedules });
}, 600_000);
