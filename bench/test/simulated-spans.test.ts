import { createAdministration } from "@spanhouse/store/administration";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runConsumer } from "../../services/consumer/test/pipeline/running-consumer.ts";
import { type TestClickHouse, testClickHouse } from "../../services/store/test/test-clickhouse.ts";
import { drawIncidents } from "../src/alerts/incidents.ts";
import { drawServices } from "../src/alerts/simulated-services.ts";
import { createSimulatedSpans, picoPrice } from "../src/alerts/simulated-spans.ts";
import { createSliceStore, readCells, simulatedDays } from "../src/alerts/stored-simulation.ts";
import { createRandom } from "../src/generator/random.ts";

let written: TestClickHouse;
let sent: TestClickHouse;
beforeAll(async () => {
  [written, sent] = await Promise.all([testClickHouse(), testClickHouse()]);
});
afterAll(() => Promise.all([written.drop(), sent.drop()]));

test("what the alerts benchmark writes as slices is what a consumer makes of its spans", async () => {
  const random = createRandom(5);
  const services = drawServices(random, 2);
  const from = Math.floor(Date.UTC(2026, 10, 2) / 60_000);
  const incidents = services.flatMap((service) => drawIncidents(random, service, from));
  const [all = []] = simulatedDays({
    project: "p",
    seed: 5,
    services,
    incidents,
    history: from,
    from,
    to: from + 1440,
  });
  const minutes = all.slice(0, 4);

  const slices = await createSliceStore(written.clickhouse, "p");
  await slices.storeMinutes(minutes);
  await slices.close();
  await createAdministration(sent.clickhouse).setRule({ project: "p", by: "t" }, "prices", "pico", picoPrice, "test");
  const requestOf = createSimulatedSpans(5);
  const consumer = await runConsumer(sent.clickhouse);
  for (const [minute, calls] of minutes) await consumer.send(requestOf(minute, calls));
  await consumer.stop();

  const [cells, others] = await Promise.all(
    [written, sent].map(({ clickhouse }) => readCells(clickhouse, "p", from, from + 4)),
  );
  expect(cells!.size).toBeGreaterThan(100);
  for (const part of [" refused explicit none", " error none server"])
    expect([...cells!.keys()].join("\n")).toContain(part);
  expect(others).toEqual(cells);
});
