import type { OutboundRecord, PublishOutcome } from "./bus.ts";

/** Where records go that can never succeed. The key may be absent, as it was on the record. */
export type DeadLetter = Omit<OutboundRecord, "key"> & { readonly key: Uint8Array | null };

export interface DeadLetterPublisher {
  /** Resolves `acknowledged` only after every letter is durable: the consumer moves no position before that. */
  publish(letters: readonly DeadLetter[]): Promise<PublishOutcome>;
  close(): Promise<void>;
}
