import type { ExportTraceServiceRequest, Span } from "@spanhouse/schemas/otlp/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runConsumer } from "../../consumer/test/pipeline/running-consumer.ts";
import { attributes, chat, span, traceIdOf } from "../../consumer/test/pipeline/spans.ts";
import { type TestClickHouse, testClickHouse } from "../../store/test/test-clickhouse.ts";
import { delivery } from "../src/commands/delivery.ts";
import { runCommand } from "./run-command.ts";

let store: TestClickHouse;
beforeAll(async () => {
  store = await testClickHouse();
});
afterAll(() => store.drop());

const sentBy = (instance: string, ...spans: readonly Span[]): ExportTraceServiceRequest => ({
  resourceSpans: [
    {
      resource: { attributes: attributes({ "spanhouse.instance": instance, "service.name": "shop" }) },
      scopeSpans: [{ spans }],
    },
  ],
});
const call = (trace: number, sequence: number) =>
  span(trace, sequence, undefined, chat(1, 1, { "spanhouse.sequence": sequence }));
const score = (sequence: number) =>
  span(1, 90 + sequence, 1, {}, 0n, {
    name: "spanhouse.score",
    attributes: attributes({
      ...{ "gen_ai.evaluation.name": "helpful", "gen_ai.evaluation.score.value": 1, "spanhouse.sequence": sequence },
    }),
  });
const close = (final: number) =>
  span(99, 99, undefined, {}, 0n, {
    ...{
      traceId: traceIdOf(99),
      name: "spanhouse.close",
      attributes: attributes({ "spanhouse.final_sequence": final }),
    },
  });

const run = async (...args: readonly string[]) => {
  const { code, lines } = await runCommand(delivery, store, [...args, "--json"]);
  return { code, accounts: lines.map((line) => JSON.parse(line)) };
};

test("what is missing of each instance's numbers is lost; scores have numbers too; who did not close has a tail", async () => {
  const consumer = await runConsumer(store.clickhouse);
  await consumer.send(sentBy("whole", call(1, 1), call(1, 2), score(3), close(3)), "complete");
  await consumer.send(sentBy("gap", call(2, 1), call(2, 4), close(6)));
  await consumer.send(sentBy("gap", call(2, 4)));
  await consumer.send(sentBy("open", call(3, 1), call(3, 2)));
  await consumer.send(sentBy("mute", close(7)));
  await consumer.send(sentBy("idle", close(0)));
  await consumer.stop();

  expect(await run("--project", "complete")).toMatchObject({
    code: 0,
    accounts: [{ project: "complete", instance: "whole", sent: 3, received: 3, lost: 0, tail_unknown: false, late: 2 }],
  });
  const { code, accounts } = await run("--project", "p");
  expect(code).toBe(1);
  expect(accounts).toHaveLength(3);
  expect(accounts).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ instance: "gap", services: ["shop"], sent: 6, received: 2, lost: 4, repeated: 0 }),
      expect.objectContaining({ instance: "open", sent: null, received: 2, lost: 0, tail_unknown: true }),
      expect.objectContaining({ instance: "mute", sent: 7, received: 0, lost: 7, tail_unknown: false }),
    ]),
  );
  expect((await run()).accounts).toHaveLength(4);
  expect(await run("--from", "2026-11", "--to", "2026-12")).toEqual({ code: 0, accounts: [] });

  const { lines } = await runCommand(delivery, store, ["--project", "p"]);
  expect(lines[0]).toMatch(
    /^project +instance +service +sent +received +lost +late +repeated +before range +last seen$/,
  );
  expect(lines.find((line) => line.includes("open"))).toMatch(/shop +\? +2 +0 /);
}, 120_000);

test("--late-after is a number of seconds", async () => {
  await expect(run("--late-after", "soon")).rejects.toThrow('--late-after: expected whole seconds; got "soon"');
});
