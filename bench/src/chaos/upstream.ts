import { crc32 } from "node:zlib";
import { recordHeader } from "@spanhouse/bus/bus";
import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import type { Message } from "kafkajs";
import type { Delivery } from "../generator/deliveries.ts";
import { createRandom, type Random } from "../generator/random.ts";

/** Apart from the streams of the generator. */
const disorderStream = 0xd150;

/**
 * Upstream at its worst: every order, some records twice, some without a key, some under a key that is not theirs, and
 * each sent by one of three producers that put a key on different partitions: Java's and ours by murmur2 (the client's
 * default partitioner), librdkafka's by CRC32, and one that goes by turns.
 */
export function disordered(deliveries: readonly Delivery[], seed: number, partitions: number): Message[] {
  const random = createRandom(seed, disorderStream);
  const records = deliveries.flatMap(({ traceId, project, request }): Message[] => {
    const key = random.chance(0.05) ? null : random.chance(0.05) ? random.hex(16) : traceId;
    const headers = { [recordHeader.contentType]: "application/x-protobuf", [recordHeader.project]: project };
    const record = { key, value: Buffer.from(encodeTraces(request)), headers };
    const sent = { ...record, ...placed(key, random, partitions) };
    return random.chance(0.05) ? [sent, { ...record, key: traceId }] : [sent];
  });
  for (let i = records.length - 1; i > 0; i--) {
    const j = random.int(0, i);
    [records[i], records[j]] = [records[j]!, records[i]!];
  }
  return records;
}

function placed(key: string | null, random: Random, partitions: number): { readonly partition?: number } {
  // Most go where the deployment's own do, as far as that can be: else no trace would ever be one consumer's alone.
  const producer = random.weighted(producers).name;
  if (producer === "java") return {};
  return {
    partition: producer === "librdkafka" && key !== null ? crc32(key) % partitions : random.int(0, partitions - 1),
  };
}

const producers = [
  { weight: 4, name: "java" },
  { weight: 1, name: "librdkafka" },
  { weight: 1, name: "by turns" },
] as const;

/** Of those that a consumer can make nothing of, whatever is in force: each its own bytes. */
export function poisonRecord(seed: number, number: number): Message & { readonly value: Buffer } {
  const mark = `poison ${seed} ${number}`;
  const json = { [recordHeader.contentType]: "application/json", [recordHeader.project]: "default" };
  const protobuf = { [recordHeader.contentType]: "application/x-protobuf", [recordHeader.project]: "default" };
  const kinds: readonly { readonly value: Buffer; readonly headers: Message["headers"] }[] = [
    { value: Buffer.from(`{"resourceSpans": "${mark}"}`), headers: json },
    { value: Buffer.from(`{"resourceSpans": [${mark}`), headers: json },
    { value: Buffer.from(`%PDF-1.7 ${mark}`), headers: protobuf },
    // A field of so many bytes, of which the record has fewer.
    { value: Buffer.concat([Buffer.from([0x0a, 0x7f]), Buffer.from(mark)]), headers: protobuf },
  ];
  const { value, headers } = kinds[number % kinds.length]!;
  return { key: null, value, ...(headers && { headers }) };
}
