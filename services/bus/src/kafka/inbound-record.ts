import type { IHeaders, KafkaMessage } from "kafkajs";
import type { InboundRecord } from "../bus.ts";

const noBytes = new Uint8Array(0);

/** Bytes stay slices of what was fetched. A record without a value has an empty one. */
export function inboundRecord(topic: string, partition: number, message: KafkaMessage): InboundRecord {
  return {
    topic,
    partition,
    offset: BigInt(message.offset),
    key: message.key,
    value: message.value ?? noBytes,
    headers: headersOf(message.headers),
    timestamp: Number(message.timestamp),
  };
}

/** Of a header written several times the last one counts, as in Java's `lastHeader`; one without a value is absent. */
function headersOf(headers: IHeaders | undefined): Record<string, Uint8Array> {
  const bytes: Record<string, Uint8Array> = {};
  for (const name in headers) {
    const value = headers[name];
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last !== undefined && last !== null) bytes[name] = typeof last === "string" ? Buffer.from(last) : last;
  }
  return bytes;
}
