import { setTimeout as sleep } from "node:timers/promises";
import { deadLetterHeader, recordHeader } from "@spanhouse/bus/bus";
import type { DeadLetter, DeadLetterPublisher } from "@spanhouse/bus/dead-letters";

const withoutBytes = "spanhouse-error-bytes-left-at-origin";
/** What a letter says of itself; all other headers are the record's own. */
const ownHeaders = [...Object.values(recordHeader), ...Object.values(deadLetterHeader)];
/** Characters of each that a letter without bytes keeps. */
const headerLimit = 1000;

/**
 * Publishes letters until they are durable; the batch goes no further before. A letter that is too large goes without
 * the record's bytes, key and headers, whose size the record's sender decided: the origin that it names says where they
 * still are.
 */
export async function buryAll(
  publisher: DeadLetterPublisher,
  letters: readonly DeadLetter[],
  signal: AbortSignal,
): Promise<void> {
  let waiting = letters;
  let stripped = false;
  while (waiting.length > 0) {
    signal.throwIfAborted();
    const outcome = await publisher.publish(waiting);
    if (outcome.kind === "acknowledged") return;
    if (outcome.kind === "unavailable") {
      await sleep(outcome.retryAfterSeconds * 1000, undefined, { signal });
      continue;
    }
    if (stripped) throw new Error(`dead letters without bytes were rejected: ${outcome.message}`);
    waiting = outcome.indexes.map((index) => strippedLetter(waiting[index]!));
    stripped = true;
  }
}

function strippedLetter({ headers }: DeadLetter): DeadLetter {
  const kept = ownHeaders.flatMap((name) => {
    const text = headers[name];
    return text === undefined ? [] : [[name, text.slice(0, headerLimit)] as const];
  });
  return { key: null, value: new Uint8Array(0), headers: { ...Object.fromEntries(kept), [withoutBytes]: "true" } };
}
