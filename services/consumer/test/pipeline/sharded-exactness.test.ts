import { afterAll, beforeAll, describe, it } from "vitest";
import { type TestClickHouse, testClickHouse } from "../../../store/test/test-clickhouse.ts";
import { fullCluster, type TestCluster, testCluster, testFullCluster } from "../../../store/test/test-cluster.ts";
import { expectSameTables } from "./same-tables.ts";

const schedules = 6;
let one: TestClickHouse;

beforeAll(async () => {
  one = await testClickHouse();
});
afterAll(() => one.drop());

describe.each([2, 4])("%i shards", (shards) => gives(() => testCluster(shards)));
describe.skipIf(fullCluster === undefined)("full servers of SPANHOUSE_TEST_CLICKHOUSE_CLUSTER", () =>
  gives(testFullCluster),
);

function gives(start: () => Promise<TestCluster>): void {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await start();
  });
  afterAll(() => cluster.drop());

  it("say what one server says, in any order, batches and repetition, with crashes between any two writes", async () => {
    await expectSameTables({ reference: one.clickhouse, tested: cluster.clickhouse, schedules });
  }, 600_000);
}
