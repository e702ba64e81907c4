import type { Kafka, Producer } from "kafkajs";
import type { Sender } from "./export/sender.ts";

/** Where and how spans go to Kafka. */
export interface KafkaTransportOptions {
  /** A `kafkajs` client, with its brokers and credentials. */
  readonly kafka: Kafka;
  /** `otlp_spans` by default. */
  readonly topic?: string;
  /** Of the header `spanhouse-project`; without it the topic's configured one. */
  readonly project?: string;
}

/**
 * Straight to Kafka instead of the gateway: `init({ transport: kafkaTransport({ kafka }) })`. One record a trace and batch,
 * keyed by its hex id with Java's murmur2, acknowledged by all in-sync replicas. Connects when it first sends. Never throws: what
 * goes wrong is counted in `Delivery`, and told to `onWarning`.
 */
export const kafkaTransport = ({ kafka, topic = "otlp_spans", project }: KafkaTransportOptions): Sender => {
  let connected: Promise<Producer> | undefined;
  const connect = async (): Promise<Producer> => {
    const producer = kafka.producer({ allowAutoTopicCreation: false, retry: { retries: 2 } });
    await producer.connect();
    return producer;
  };
  const headers: Record<string, string> = { "content-type": "application/x-protobuf" };
  if (project !== undefined) headers["spanhouse-project"] = project;

  return {
    async send({ traces, request }) {
      try {
        connected ??= connect();
        const producer = await connected;
        const messages = traces.map(({ traceId, spans }) => ({
          key: traceId,
          value: Buffer.concat(request(spans)),
          headers,
        }));
        await producer.send({ topic, acks: -1, messages });
        return { kind: "sent", rejected: 0 };
      } catch (error) {
        connected = undefined;
        const { type, message } = error as { readonly type?: unknown; readonly message?: unknown };
        if (type === "MESSAGE_TOO_LARGE") return { kind: "too-large", reason: String(message) };
        return { kind: "retry", reason: `Kafka: ${String(message ?? error)}`, afterMs: 0 };
      }
    },
    async close() {
      const producer = await connected?.catch(() => undefined);
      connected = undefined;
      await producer?.disconnect().catch(() => undefined);
    },
  };
};
