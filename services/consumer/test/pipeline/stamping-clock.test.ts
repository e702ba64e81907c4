import { createCheckpoints } from "@spanhouse/store/checkpoints";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import type { TestClickHouse } from "../../../store/test/test-clickhouse.ts";
import { testClickHouse } from "../../../store/test/test-clickhouse.ts";
import { runConsumer } from "./running-consumer.ts";
import { chat, request, span } from "./spans.ts";

const realNow = Date.now;
let store: TestClickHouse;

beforeAll(async () => {
  store = await testClickHouse();
});
afterEach(() => vi.restoreAllMocks());
afterAll(async () => {
  await store?.drop();
});

/** The server's clock is so many seconds off from now on: it stamps rows, and says what time it is. */
async function stepped(clickhouse: ClickHouse, seconds: number): Promise<ClickHouse> {
  await clickhouse.command(`ALTER TABLE spans MODIFY COLUMN written_at DEFAULT now() + (${seconds})`);
  const told = (sql: string) => sql.replaceAll(/now(64)?\((6?)\)/g, `(now$1($2) + toIntervalSecond(${seconds}))`);
  return {
    ...clickhouse,
    query: (sql, ...rest) => clickhouse.query(told(sql), ...rest),
    command: (sql, ...rest) => clickhouse.command(told(sql), ...rest),
  };
}

/** As many calls as the rollups show. */
async function calls(): Promise<number> {
  const [row] = await store.clickhouse.query<{ calls: string }>(
    `SELECT toString(sum(calls)) AS calls
     FROM spend(from = toDateTime(0, 'UTC'), to = toDateTime(2000000000, 'UTC'), grain = 'minute')`,
  );
  return Number(row!.calls);
}

/** The same, whose client is killed when it would roll a call of this project. */
function killedBeforeItsRoll(clickhouse: ClickHouse, project: string): ClickHouse {
  return {
    ...clickhouse,
    command: (sql, ...rest) =>
      sql.startsWith("INSERT INTO rollup_minute") && sql.includes(`'${project}'`)
        ? Promise.reject(new Error("killed"))
        : clickhouse.command(sql, ...rest),
  };
}

test.each([
  ["the server's clock has stepped back", { server: -7200, own: 0 }],
  ["the server's clock has stepped on", { server: 3600, own: 0 }],
  ["the consumer's clock was an hour ahead", { server: 0, own: 3600 }],
])("what is stored and not yet rolled up when a consumer is killed is recovered though %s", async (_, off) => {
  const before = await calls();
  const project = `killed-${before}`;
  const ownClock = vi.spyOn(Date, "now").mockImplementation(() => realNow() + off.own * 1000);
  const first = await runConsumer(await stepped(store.clickhouse, 0));
  await first.send(request(span(before + 1, 1, undefined, chat(10, 5))));
  await first.stop();

  let clickhouse = await stepped(store.clickhouse, 0);
  const second = await runConsumer(
    killedBeforeItsRoll(
      {
        ...clickhouse,
        query: (...call) => clickhouse.query(...call),
        command: (...call) => clickhouse.command(...call),
      },
      project,
    ),
  );
  clickhouse = await stepped(store.clickhouse, off.server);
  // It may die before it has answered.
  await Promise.allSettled([second.send(request(span(before + 2, 1, undefined, chat(7, 1))), project)]);
  await expect(second.stop()).rejects.toThrow("killed");
  expect(await calls()).toBe(before + 1);
  ownClock.mockRestore();

  const third = await runConsumer(clickhouse);
  await third.stop();
  expect(await calls()).toBe(before + 2);
});

test("a checkpoint that is written after the clock has stepped back is the one that is read", async () => {
  const at = { cluster: "c", topic: "t", partition: 0, fingerprint: "", recordTime: 0, generation: 1 };
  await createCheckpoints(store.clickhouse).write([{ ...at, nextOffset: 10n, rolledFrom: 5_000 }]);
  const earlier = createCheckpoints(await stepped(store.clickhouse, -3600));
  await earlier.write([{ ...at, nextOffset: 20n, rolledFrom: 6_000 }]);
  expect(await earlier.read("c", "t", 0)).toMatchObject({ nextOffset: 20n, rolledFrom: 6_000 });
  await earlier.lowerRolledFrom("c", 4_000);
  expect(await earlier.read("c", "t", 0)).toMatchObject({ nextOffset: 20n, rolledFrom: 4_000 });
});
