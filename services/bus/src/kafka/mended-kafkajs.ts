import { uptime } from "@spanhouse/schemas/uptime";
import ConsumerGroup from "kafkajs/src/consumer/consumerGroup.js";
import Connection from "kafkajs/src/network/connection.js";
import RequestQueue from "kafkajs/src/network/requestQueue/index.js";

/**
 * What kafkajs 2.2.4 does wrong, mended once for the process; it has had no release since 2023. Each is a method of its own
 * that is not part of its interface: `test/mended-kafkajs.test.ts` holds the library to what is assumed of them.
 */
export function mendKafkajs(): void {
  if (mended) return;
  mended = true;
  const queue = RequestQueue.prototype;

  // It looks every millisecond whether a request waits (tulios/kafkajs#1604); and an answer that comes when its request was
  // given up and the connection closed begins that again for good, so that a process that is done never ends.
  const schedule = queue.scheduleCheckPendingRequests;
  queue.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0) schedule.call(this);
  };

  // By the wall clock, every request is late when that steps on, and none is for as long as it has stepped back.
  queue.scheduleRequestTimeoutCheck = function (this: RequestQueue) {
    if (!this.enforceRequestTimeout) return;
    this.destroy();
    const seen = new WeakMap<object, number>();
    const check = () => {
      for (const request of this.inflight.values()) {
        const since = seen.get(request) ?? uptime();
        seen.set(request, since);
        if (uptime() - since > request.requestTimeout) request.timeoutRequest();
      }
      if (!this.isConnected()) this.destroy();
    };
    this.requestTimeoutIntervalId = setInterval(check, Math.min(this.requestTimeout, checkMs));
  };

  // A request that was not answered in time leaves its connection as it was, though it may be half open: then each repetition
  // waits as long for nothing. As in Kafka's own client, the connection ends with it.
  const connection = Connection.prototype;
  const send = connection.send;
  connection.send = async function (this: Connection, request) {
    try {
      return await send.call(this, request);
    } catch (error) {
      if (error instanceof Error && error.name === "KafkaJSRequestTimeoutError") this.socket?.destroy(error);
      throw error;
    }
  };

  // A heartbeat is due so long after the one before by the wall clock: after that has stepped back none would be sent.
  const group = ConsumerGroup.prototype;
  const heartbeat = group.heartbeat;
  group.heartbeat = function (this: ConsumerGroup, due) {
    if (this.lastRequest > Date.now()) this.lastRequest = 0;
    return heartbeat.call(this, due);
  };
}

let mended = false;

const checkMs = 100;
