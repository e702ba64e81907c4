import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestProject } from "vitest/node";
import type { TestBroker } from "./test-kafka.ts";
import { startTestBroker } from "./test-kafka.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Answers GET with the brokers (host:port, separated by commas) once one runs; see test-brokers.ts. */
    kafkaOnDemand: string;
  }
}

/** One broker for all test files of a run, started when the first of them asks, so that others do not wait for it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.SPANHOUSE_TEST_KAFKA;
  let starting: Promise<TestBroker> | undefined;

  const server = createServer(async (_request, response) => {
    try {
      if (!given) starting ??= startTestBroker();
      response.end(given ?? (await starting)!.brokers.join(","));
    } catch (error) {
      response.statusCode = 500;
      response.end(error instanceof Error ? error.message : String(error));
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  project.provide("kafkaOnDemand", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);

  return async () => {
    server.close();
    await starting?.then((broker) => broker.stop()).catch(() => {});
  };
}
