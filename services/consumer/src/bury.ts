import { setTimeout as sleep } from "node:timers/promises";
import type { DeadLetter, DeadLetterPublisher } from "@spanhouse/bus/dead-letters";

const withoutBytes = "spanhouse-error-bytes-left-at-origin";

/**
 * Publishes letters until they are durable; the batch goes no further before. A letter that is too large with its bytes
 * goes without them: the origin in its headers says where they still are.
 */
export async function buryAll(
  publisher: DeadLetterPublisher,
  letters: readonly DeadLetter[],
  signal: AbortSignal,
): Promise<void> {
  let waiting = letters;
  while (waiting.length > 0) {
    signal.throwIfAborted();
    const outcome = await publisher.publish(waiting);
    if (outcome.kind === "acknowledged") return;
    if (outcome.kind === "unavailable") await sleep(outcome.retryAfterSeconds * 1000, undefined, { signal });
    else waiting = outcome.indexes.map((index) => stripped(waiting[index]!));
  }
}

function stripped(letter: DeadLetter): DeadLetter {
  if (letter.headers[withoutBytes])
    throw new Error(`a dead letter without its bytes was rejected: ${JSON.stringify(letter.headers)}`);
  return { ...letter, value: new Uint8Array(0), headers: { ...letter.headers, [withoutBytes]: "true" } };
}
