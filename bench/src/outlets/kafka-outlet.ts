import { setTimeout as delay } from "node:timers/promises";
import { recordHeader } from "@spanhouse/bus/bus";
import type { KafkaConnection } from "@spanhouse/bus/kafka/kafka-client";
import { createRecordSender, type OutgoingRecord } from "@spanhouse/bus/kafka/record-sender";
import { ensureTopic } from "@spanhouse/bus/kafka/topic";
import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import { encodeJson } from "@spanhouse/schemas/otlp/json";
import type { ExportTraceServiceRequest } from "@spanhouse/schemas/otlp/model";
import type { Delivery } from "../generator/deliveries.ts";
import { exportsOf, type Outlet } from "./outlet.ts";

export interface KafkaOutletOptions {
  readonly brokers: readonly string[];
  readonly topic: string;
  /** As an OpenTelemetry Collector's kafka exporter writes: no key, many traces a record, no headers. */
  readonly keyless: boolean;
  readonly json: boolean;
  /** Of the topic, where it is missing. */
  readonly partitions?: number;
}

const maxMessageBytes = 10_000_000;

/** Writes to the span log itself, past the gateway. */
export async function createKafkaOutlet(options: KafkaOutletOptions): Promise<Outlet> {
  const { brokers, topic, keyless, json, partitions = 8 } = options;
  const connection: KafkaConnection = { brokers, clientId: "spanhouse-generate", log: () => undefined };
  await ensureTopic(connection, { topic, partitions, maxMessageBytes });
  const sender = createRecordSender({ connection, topic, maxRecordBytes: maxMessageBytes });
  const encoder = new TextEncoder();
  const encode = (request: ExportTraceServiceRequest) =>
    json ? encoder.encode(encodeJson(request)) : encodeTraces(request);
  const contentType = json ? "application/json" : "application/x-protobuf";

  function recordsOf(deliveries: readonly Delivery[]): OutgoingRecord[] {
    if (keyless) {
      return exportsOf(deliveries).map(({ request }) => ({ key: null, value: encode(request), headers: {} }));
    }
    return deliveries.map(({ traceId, project, request }) => ({
      key: traceId,
      value: encode(request),
      headers: { [recordHeader.contentType]: contentType, [recordHeader.project]: project },
    }));
  }

  return {
    async send(deliveries) {
      const records = recordsOf(deliveries);
      for (;;) {
        const outcome = await sender.send(records);
        if (outcome.kind === "acknowledged") return;
        if (outcome.kind === "rejected") throw new Error(`Kafka does not take a record: ${outcome.message}`);
        await delay(outcome.retryAfterSeconds * 1000);
      }
    },
    close: () => sender.close(),
  };
}
