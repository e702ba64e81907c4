import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestClickHouse } from "../../../store/test/test-clickhouse.ts";
import { testClickHouse } from "../../../store/test/test-clickhouse.ts";
import { verify } from "../../src/maintenance/verify.ts";
import { runConsumer } from "./running-consumer.ts";
import { chat, minute0, request, span } from "./spans.ts";

let store: TestClickHouse;

beforeAll(async () => {
  store = await testClickHouse();
});
afterAll(async () => {
  await store?.drop();
});

const minute = 60_000_000_000n;
const unixSeconds = (nanoseconds: bigint) => Number(nanoseconds / 1_000_000_000n);

/** The same server, whose clock says that it is this time, Unix seconds. */
function at(clickhouse: ClickHouse, seconds: number): ClickHouse {
  return {
    ...clickhouse,
    query: (sql, ...rest) => clickhouse.query(sql.replace("toUnixTimestamp(now())", String(seconds)), ...rest),
  };
}

test("an hour that was folded is folded again when the server's clock has stepped back into it", async () => {
  const first = await runConsumer(store.clickhouse);
  await first.send(request(span(1, 1, undefined, chat(10, 5))));
  await first.stop();
  const folded = await store.clickhouse.query("SELECT DISTINCT bucket FROM rollup_hour");
  expect(folded).toHaveLength(1);

  const second = await runConsumer(at(store.clickhouse, unixSeconds(minute0 + minute)));
  await second.send(request(span(2, 1, undefined, chat(7, 1))));
  await second.stop();

  const differences: unknown[] = [];
  const range = { project: undefined, from: 0, to: 2 ** 31 / 60 };
  const again = { times: 0, delayMs: 0 };
  const { signal } = new AbortController();
  for await (const stretch of verify({ clickhouse: store.clickhouse, range, again, signal })) {
    differences.push(...stretch.differences);
  }
  expect(differences).toEqual([]);
  const [shown] = await store.clickhouse.query(
    `SELECT toString(sum(calls)) AS calls, toString(sum(input_tokens)) AS tokens
     FROM spend(from = toDateTime(0, 'UTC'), to = toDateTime(2000000000, 'UTC'), grain = 'hour')`,
  );
  expect(shown).toEqual({ calls: "2", tokens: "17" });
});
