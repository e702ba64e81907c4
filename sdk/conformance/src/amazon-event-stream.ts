import { crc32 } from "node:zlib";
import type { SseEvent } from "./provider-api.ts";

/**
 * An event as Amazon frames it: lengths, headers and payload, each with its checksum.
 * https://smithy.io/2.0/aws/amazon-eventstream.html
 */
export const amazonFrame = ({ event = "", data }: SseEvent): Buffer => {
  const headers = Buffer.concat([
    header(":event-type", event),
    header(":content-type", "application/json"),
    header(":message-type", "event"),
  ]);
  const payload = Buffer.from(JSON.stringify(data));
  const prelude = Buffer.alloc(8);
  prelude.writeUInt32BE(16 + headers.length + payload.length, 0);
  prelude.writeUInt32BE(headers.length, 4);
  const message = Buffer.concat([prelude, checksum(prelude), headers, payload]);
  return Buffer.concat([message, checksum(message)]);
};

const stringType = 7;

const header = (name: string, value: string): Buffer => {
  const lengthOfValue = Buffer.alloc(2);
  lengthOfValue.writeUInt16BE(Buffer.byteLength(value));
  return Buffer.concat([
    Buffer.from([Buffer.byteLength(name)]),
    Buffer.from(name),
    Buffer.from([stringType]),
    lengthOfValue,
    Buffer.from(value),
  ]);
};

const checksum = (bytes: Buffer): Buffer => {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum;
};
