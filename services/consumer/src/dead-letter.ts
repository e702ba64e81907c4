import type { InboundRecord } from "@spanhouse/bus/bus";
import { deadLetterHeader, recordHeader } from "@spanhouse/bus/bus";
import type { DeadLetter } from "@spanhouse/bus/dead-letters";
import type { ErrorCode } from "@spanhouse/schemas/errors";

/** Where in the way of a span it turned out that it can never succeed. */
export type Stage = "read" | "derive" | "write";

const text = new TextDecoder();

/**
 * A letter holds everything needed to repair and send again: the bytes (the record's own, or a request of the one span
 * that failed), the record's headers, its origin, and what was wrong.
 */
export function deadLetter(
  record: InboundRecord,
  {
    project,
    code,
    message,
    stage,
    value = record.value,
  }: { project: string; code: ErrorCode; message: string; stage: Stage; value?: Uint8Array },
): DeadLetter {
  const headers = Object.fromEntries(Object.entries(record.headers).map(([name, bytes]) => [name, text.decode(bytes)]));
  return {
    key: record.key,
    value,
    headers: {
      [recordHeader.originTopic]: record.topic,
      [recordHeader.originPartition]: String(record.partition),
      [recordHeader.originOffset]: record.offset.toString(),
      [recordHeader.originTimestamp]: String(record.timestamp),
      // A record that named none has its topic's: the letter may be sent again from anywhere.
      ...(project === "" ? {} : { [recordHeader.project]: project }),
      ...headers,
      // A part of a record is protobuf, whatever the record was.
      ...(value === record.value ? {} : { [recordHeader.contentType]: "application/x-protobuf" }),
      [deadLetterHeader.code]: code,
      [deadLetterHeader.message]: message,
      [deadLetterHeader.stage]: stage,
    },
  };
}
