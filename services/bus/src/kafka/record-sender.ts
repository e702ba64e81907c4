import { setTimeout as delay } from "node:timers/promises";
import type { Message, Producer } from "kafkajs";
import kafkajs from "kafkajs";
import type { PublishOutcome } from "../bus.ts";
import { createKafkaAdmin } from "./kafka-admin.ts";
import type { KafkaConnection } from "./kafka-client.ts";
import { createKafkaClient } from "./kafka-client.ts";
import { cannotHeal, isKafkaError, isTooLarge, messageOf } from "./kafka-errors.ts";
import { createKafkaSockets } from "./kafka-sockets.ts";

export interface SenderConfig {
  readonly connection: KafkaConnection;
  readonly topic: string;
  /** The largest record batch that the topic takes (its `max.message.bytes`); Kafka's own default when absent. */
  readonly maxRecordBytes?: number;
  /** Bytes taken and not yet answered by the brokers; a publish that would pass it is refused at once. */
  readonly maxInFlightBytes?: number;
  /** A publish is answered after this long, whatever the brokers do. */
  readonly deadlineMs?: number;
}

export interface OutgoingRecord {
  readonly key: string | Uint8Array | null;
  readonly value: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

export interface RecordSender {
  send(records: readonly OutgoingRecord[]): Promise<PublishOutcome>;
  /** Whether the topic has a leader for every partition. */
  reachable(): Promise<boolean>;
  close(): Promise<void>;
}

type RecordFate = "durable" | "too_large" | { readonly failed: string };

interface Waiting {
  readonly message: Message;
  readonly bytes: number;
  /** Answered already by its deadline: not worth sending. */
  readonly expired: () => boolean;
  readonly settle: (fate: RecordFate) => void;
}

/** Framing of a record and of its batch, generously. */
const recordOverhead = 128;
const retryAfterSeconds = 1;

/**
 * Sends records with `acks=all`, one request at a time: what is published meanwhile goes with the next, so that many
 * small publishes cost few requests and the order within a key holds. Two features of kafkajs 2.2.4 lose records that
 * they acknowledge, so they are off; a record may be stored twice instead, which readers of this log must bear anyway.
 *
 * - Its idempotent producer takes back the sequence numbers of a request that failed, though the broker may have stored
 *   it; the next request under the same numbers is then acknowledged as a repetition.
 * - Its own retries send nothing more to a broker that has answered once, though a partition may have moved there.
 *   Here a retry sends the whole request anew.
 */
export function createRecordSender(config: SenderConfig): RecordSender {
  const { connection, topic, maxRecordBytes = 1_000_000, maxInFlightBytes = 64 * 1024 * 1024 } = config;
  const { deadlineMs = 10_000 } = config;
  const admin = createKafkaAdmin(connection);
  const sockets = createKafkaSockets();
  const producer = createKafkaClient(connection, sockets.open).producer({
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    allowAutoTopicCreation: false,
    retry: { retries: 0 },
  });
  let connecting: Promise<void> | undefined;
  const waiting: Waiting[] = [];
  let bytesInFlight = 0;
  let pumping: Promise<void> | undefined;
  let closed = false;

  async function connected(): Promise<Producer> {
    connecting ??= producer.connect();
    const mine = connecting;
    await mine.catch((error: unknown) => {
      if (mine === connecting) connecting = undefined;
      throw error;
    });
    return producer;
  }

  async function pump(): Promise<void> {
    while (waiting.length > 0) await deliver(nextRequest());
    pumping = undefined;
  }

  /** All records of a request may fall on one partition and be one batch there, so they are bounded together. */
  function nextRequest(): Waiting[] {
    let bytes = 0;
    const end = waiting.findIndex((record, index) => {
      bytes += record.bytes;
      return index > 0 && bytes > maxRecordBytes;
    });
    return waiting.splice(0, end === -1 ? waiting.length : end);
  }

  async function deliver(records: readonly Waiting[]): Promise<void> {
    let open = inTime(records);
    for (let attempt = 0; open.length > 0; attempt++) {
      const error = await attempted(open);
      if (error === undefined) return settleAll(open, "durable");
      if (isTooLarge(error)) {
        if (open.length === 1) return settleAll(open, "too_large");
        for (const record of open) await deliver([record]);
        return;
      }
      if (!isKafkaError(error) || cannotHeal(error) || closed) return settleAll(open, { failed: messageOf(error) });
      await delay(Math.min(100 * 2 ** attempt, 1_000));
      open = inTime(open);
    }
  }

  async function attempted(records: readonly Waiting[]): Promise<unknown> {
    try {
      await (await connected()).send({ topic, acks: -1, messages: records.map(({ message }) => message) });
      return undefined;
    } catch (error) {
      return error;
    }
  }

  return {
    async send(records) {
      const sizes = records.map(sizeOf);
      const fits = sizes.map((size) => size <= maxRecordBytes);
      const total = sizes.reduce((sum, size, index) => sum + (fits[index] ? size : 0), 0);
      if (closed) return unavailable("the publisher is closed");
      if (bytesInFlight + total > maxInFlightBytes) return unavailable(`${bytesInFlight} bytes wait for the brokers`);

      let expired = false;
      bytesInFlight += total;
      const fates = records.map(({ key, value, headers }, index) => {
        if (!fits[index]) return "too_large" as const;
        const bytes = sizes[index]!;
        return new Promise<RecordFate>((resolve) => {
          waiting.push({
            message: { key: asBuffer(key), value: asBuffer(value), headers: { ...headers } },
            bytes,
            expired: () => expired,
            settle: (fate) => {
              bytesInFlight -= bytes;
              resolve(fate);
            },
          });
        });
      });
      if (waiting.length > 0) pumping ??= pump();
      const outcome = Promise.all(fates).then((all) => outcomeOf(all, maxRecordBytes));
      return withDeadline(outcome, deadlineMs, () => {
        expired = true;
        return unavailable(`no acknowledgement within ${deadlineMs} ms`);
      });
    },

    async reachable() {
      if (closed) return false;
      const topics = admin.use((connected) => connected.fetchTopicMetadata({ topics: [topic] }));
      const led = topics.then(
        (metadata) => metadata.topics.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0)),
        () => false,
      );
      return withDeadline(led, Math.min(deadlineMs, 2_000), () => false);
    },

    async close() {
      closed = true;
      await pumping;
      await Promise.all([producer.disconnect().finally(sockets.close), admin.close()]);
    },
  };
}

/** Those whose publish still waits for an answer. */
function inTime(records: readonly Waiting[]): readonly Waiting[] {
  settleAll(
    records.filter((record) => record.expired()),
    { failed: "the deadline passed" },
  );
  return records.filter((record) => !record.expired());
}

function settleAll(records: readonly Waiting[], fate: RecordFate): void {
  for (const record of records) record.settle(fate);
}

function outcomeOf(fates: readonly RecordFate[], maxRecordBytes: number): PublishOutcome {
  const failed = fates.find((fate) => typeof fate === "object");
  if (failed) return unavailable(failed.failed);
  const indexes = fates.flatMap((fate, index) => (fate === "too_large" ? [index] : []));
  if (indexes.length === 0) return { kind: "acknowledged" };
  return { kind: "rejected", indexes, message: `larger than a record of ${maxRecordBytes} bytes with its framing` };
}

function unavailable(message: string): PublishOutcome {
  return { kind: "unavailable", message, retryAfterSeconds };
}

function sizeOf({ key, value, headers }: OutgoingRecord): number {
  let size = recordOverhead + (key?.length ?? 0) + value.length;
  for (const name in headers) size += name.length + headers[name]!.length + 8;
  return size;
}

function asBuffer<T extends string | Uint8Array | null>(bytes: T): Buffer | (T & (string | null)) {
  if (bytes === null || typeof bytes === "string") return bytes as T & (string | null);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function withDeadline<T>(work: Promise<T>, milliseconds: number, late: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(late()), milliseconds);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
