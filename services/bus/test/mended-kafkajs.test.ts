/// <reference path="../src/kafka/kafkajs-internals.d.ts" />
import ConsumerGroup from "kafkajs/src/consumer/consumerGroup.js";
import Connection from "kafkajs/src/network/connection.js";
import RequestQueue from "kafkajs/src/network/requestQueue/index.js";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { mendKafkajs } from "../src/kafka/mended-kafkajs.ts";

beforeEach(() => {
  vi.useFakeTimers();
  mendKafkajs();
});
afterEach(() => vi.useRealTimers());

const requestTimeout = 1_000;
const quiet = { debug: () => undefined, warn: () => undefined };

function queueOf(maxInFlightRequests: number | null) {
  const broker = { requestTimeout, enforceRequestTimeout: true, clientId: "test", broker: "test", logger: quiet };
  const queue = new RequestQueue({ ...broker, maxInFlightRequests });
  queue.scheduleRequestTimeoutCheck();
  return {
    queue,
    push(correlationId: number) {
      const request = { sent: vi.fn(), answered: vi.fn(), failed: vi.fn() };
      const entry = { correlationId, resolve: request.answered, reject: request.failed };
      queue.push({ entry, expectResponse: true, sendRequest: request.sent });
      return request;
    },
    answer: (correlationId: number) => queue.fulfillRequest({ correlationId, payload: new Uint8Array(), size: 0 }),
  };
}

it.each([
  ["on", 3_600_000],
  ["back", -3_600_000],
])("a request has its time though the clock steps %s", (_, step) => {
  const { queue, push } = queueOf(null);
  const { failed } = push(1);
  vi.advanceTimersByTime(100);
  vi.setSystemTime(Date.now() + step);
  vi.advanceTimersByTime(requestTimeout - 100);
  expect(failed).not.toHaveBeenCalled();
  vi.advanceTimersByTime(300);
  expect(failed).toHaveBeenCalledOnce();
  queue.destroy();
});

it("an answer to a request that was given up starts nothing on a connection that is closed", () => {
  const { queue, push, answer } = queueOf(null);
  const { failed } = push(1);
  vi.advanceTimersByTime(requestTimeout + 300);
  expect(failed).toHaveBeenCalledOnce();
  queue.destroy();
  answer(1);
  expect(vi.getTimerCount()).toBe(0);
});

it("nothing but the check of time limits runs on a connection where nothing waits", () => {
  const { queue, push, answer } = queueOf(null);
  const { answered } = push(1);
  answer(1);
  expect(answered).toHaveBeenCalledOnce();
  expect(vi.getTimerCount()).toBe(1);
  queue.destroy();
});

it("what waits for an answer to another request is sent when that has come, or was given up", () => {
  const { queue, push, answer } = queueOf(1);
  const [first, second, third] = [push(1), push(2), push(3)];
  expect([first.sent, second.sent].map(({ mock }) => mock.calls.length)).toEqual([1, 0]);
  answer(1);
  expect(second.sent).toHaveBeenCalledOnce();
  vi.advanceTimersByTime(requestTimeout + 300);
  expect(third.sent).toHaveBeenCalledOnce();
  queue.destroy();
});

it("a heartbeat is sent in its time though the clock has stepped back", async () => {
  const emitter = { emit: () => undefined };
  const group = new ConsumerGroup({ logger: { namespace: () => quiet }, instrumentationEmitter: emitter });
  const heartbeat = vi.fn(async () => undefined);
  Object.assign(group, { memberId: "member", coordinator: { heartbeat } });
  const due = { interval: 1_000 };
  vi.advanceTimersByTime(2_000);
  await group.heartbeat(due);
  await group.heartbeat(due);
  expect(heartbeat).toHaveBeenCalledTimes(1);
  vi.setSystemTime(Date.now() - 3_600_000);
  await group.heartbeat(due);
  await group.heartbeat(due);
  expect(heartbeat).toHaveBeenCalledTimes(2);
});

it.each([
  ["KafkaJSRequestTimeoutError", 1],
  ["KafkaJSProtocolError", 0],
])("after %s a connection is ended %i times", async (name, times) => {
  const error = Object.assign(new Error("no answer"), { name });
  const socket = { destroy: vi.fn() };
  const connection: Connection = Object.assign(Object.create(Connection.prototype), {
    ...{ socket, isAuthenticated: () => true, failIfNotConnected: () => undefined, logDebug: () => undefined },
    nextCorrelationId: () => 1,
    requestQueue: { push: ({ entry }: { entry: { reject(error: Error): void } }) => entry.reject(error) },
  });
  const empty = Buffer.alloc(0);
  const encoded = { buf: empty, buffer: empty };
  const request = { apiKey: 18, apiName: "ApiVersions", apiVersion: 0, encode: async () => encoded };
  await expect(connection.send({ request })).rejects.toBe(error);
  expect(socket.destroy).toHaveBeenCalledTimes(times);
});
