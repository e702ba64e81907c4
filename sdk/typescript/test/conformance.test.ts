import { type ProviderSimulator, startProviderSimulator } from "@spanhouse/conformance/provider-simulator";
import { afterAll, beforeAll, expect, test } from "vitest";
import { flush } from "../src/spanhouse.ts";
import { conformanceCases, emittedBy } from "./case-program.ts";
import { type Collector, startCollector } from "./collector.ts";
import { differences } from "./expected-spans.ts";

let simulator: ProviderSimulator;
let collector: Collector;
beforeAll(async () => {
  simulator = await startProviderSimulator();
  collector = await startCollector();
});
afterAll(() => Promise.all([simulator.stop(), collector.stop()]));

test.each(conformanceCases)("$file: $given.about", async ({ given }) => {
  simulator.reset();
  const spans = await emittedBy(given, simulator.url, collector);
  const delivery = await flush();
  // The simulator sees a client go a little later.
  const named = [...JSON.stringify(given.spans).matchAll(/"\$(?:recorded|header|begins)":\[(\d+)/g)].map(([, n]) =>
    Number(n),
  );
  await expect.poll(() => simulator.requests().length).toBeGreaterThanOrEqual(Math.max(0, ...named));

  const truth = { requests: simulator.requests(), port: Number(new URL(simulator.url).port) };
  expect(differences(given.spans, spans, truth)).toEqual([]);
  const numbers = spans.flatMap(({ attributes }) => attributes["spanhouse.sequence"] ?? []);
  expect(numbers.toSorted((a, b) => Number(a) - Number(b))).toEqual(numbers.map((_number, index) => index + 1));
  expect(delivery).toMatchObject({ dropped: 0, pending: 0, sent: spans.length });
});
