import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClickHouse } from "@spanhouse/store/clickhouse";
import { migrate } from "@spanhouse/store/migrate";
import { startEmbeddedServer } from "@spanhouse/store/server/embedded-server";
import { expect, it } from "vitest";
import { runConsumer } from "../pipeline/running-consumer.ts";
import { chat, request, span } from "../pipeline/spans.ts";

const kills = 3;
const perKill = 8;

it("ClickHouse is killed while spans arrive: they wait, and all are there once when it is back", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "spanhouse outage "));
  const server = await startEmbeddedServer({ dataDir });
  const { url, username, password } = server;
  const clickhouse = createClickHouse({ url, username, password, database: "house" });
  await migrate(clickhouse);
  const consumer = await runConsumer(clickhouse);

  const sent: Promise<void>[] = [];
  let traces = 0;
  for (let kill = 0; kill < kills; kill++) {
    // One at a time, so that the kill comes between writes of a flush; the others arrive while nobody answers.
    for (let i = 0; i < perKill; i++) {
      const trace = ++traces;
      const one = consumer.send(
        request(span(trace, 1, undefined, chat(1000, 100)), span(trace, 2, undefined, chat(2000, 100))),
      );
      sent.push(one);
      if (i === kill * 2) {
        const killed = server.pid;
        process.kill(killed, "SIGKILL");
        await expect.poll(() => server.pid, { timeout: 20_000 }).not.toBe(killed);
      } else if (i < perKill / 2) await one;
    }
    await Promise.all(sent);
  }
  await consumer.stop();

  const [row] = await clickhouse.query(
    "SELECT count() AS spans, uniqExact(trace_id) AS traces, sum(cost) AS cost FROM spans FINAL",
  );
  const cost = String((traces * 0.0095).toFixed(4)).replace(/0+$/, "");
  expect(row).toEqual({ spans: String(traces * 2), traces: String(traces), cost });
  const range = "from = toDateTime('2026-10-01', 'UTC'), to = toDateTime('2026-11-01', 'UTC')";
  expect(
    await clickhouse.query(`SELECT sum(calls) AS calls, sum(cost) AS cost FROM spend(${range}, grain = 'day')`),
  ).toEqual([{ calls: String(traces * 2), cost }]);
  expect(await clickhouse.query("SELECT count() AS n FROM traces FINAL WHERE live AND spans = 2")).toEqual([
    { n: String(traces) },
  ]);
  expect(await clickhouse.query("SELECT count() AS n FROM dead_letters")).toEqual([{ n: "0" }]);
  await clickhouse.close();
  await server.stop();
  rmSync(dataDir, { recursive: true });
}, 120_000);
