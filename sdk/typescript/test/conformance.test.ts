import { readdirSync, readFileSync } from "node:fs";
import { caseSchema } from "@spanhouse/conformance/case";
import { type ProviderSimulator, startProviderSimulator } from "@spanhouse/conformance/provider-simulator";
import { afterAll, beforeAll, expect, test } from "vitest";
import { flush, init } from "../src/spanhouse.ts";
import { runCase } from "./case-program.ts";
import { type Collector, startCollector } from "./collector.ts";
import { differences } from "./expected-spans.ts";

let simulator: ProviderSimulator;
let collector: Collector;
beforeAll(async () => {
  simulator = await startProviderSimulator();
  collector = await startCollector();
});
afterAll(() => Promise.all([simulator.stop(), collector.stop()]));

const folder = new URL("../../conformance/cases/", import.meta.url);
const cases = readdirSync(folder)
  .filter((file) => file.endsWith(".json"))
  .map((file) => ({ file, given: caseSchema.parse(JSON.parse(readFileSync(new URL(file, folder), "utf8"))) }))
  .filter(({ given }) => given.only?.includes("typescript") ?? true);

test.each(cases)("$file: $given.about", async ({ given }) => {
  simulator.reset();
  collector.spans.length = 0;
  const { content, sample_payloads: samplePayloads, redact_pattern: pattern } = given.init ?? {};
  init({
    url: collector.url,
    service: "conformance",
    ...(content === undefined ? {} : { content }),
    ...(samplePayloads === undefined ? {} : { samplePayloads }),
    ...(pattern === undefined
      ? {}
      : { redact: (text: string) => text.replaceAll(new RegExp(pattern, "g"), "[redacted]") }),
  });

  await runCase(given, simulator.url);
  const delivery = await flush();

  const spans = collector.spans.filter(({ name }) => name !== "spanhouse.close");
  const truth = { requests: simulator.requests(), port: Number(new URL(simulator.url).port) };
  expect(differences(given.spans, spans, truth)).toEqual([]);
  const numbers = spans.flatMap(({ attributes }) => attributes["spanhouse.sequence"] ?? []);
  expect(numbers.toSorted((a, b) => Number(a) - Number(b))).toEqual(numbers.map((_number, index) => index + 1));
  expect(delivery).toMatchObject({ dropped: 0, pending: 0, sent: spans.length });
});
