import type { OutboundRecord, PublishOutcome } from "./bus.ts";

/** Where records go that can never succeed. The key may be absent, as it was on the record. */
export type DeadLetter = Omit<OutboundRecord, "key"> & { readonly key: Uint8Array | null };

export interface DeadLetterPublisher {
  /** Resolves `acknowledged` only after every letter is durable: the consumer moves no position before that. */
  publish(letters: readonly DeadLetter[]): Promise<PublishOutcome>;
  close(): Promise<void>;
}

/** A letter that waits for its repair. */
export interface WaitingLetter extends DeadLetter {
  /** The same for as long as it waits. */
  readonly id: string;
  /** Unix milliseconds. */
  readonly writtenAt: number;
}

/** `replayed`: published again. `dropped`: given up by a person. */
export type Verdict = "replayed" | "dropped";

/** Letters as they are worked off by a person. */
export interface DeadLetterBox {
  /**
   * Those that wait now, each once; of one place of origin in order. Reads as it is iterated: at most one read's worth
   * of letters is in memory.
   */
  waiting(): AsyncIterable<WaitingLetter>;
  /**
   * The letter waits no longer: durable when it resolves. Its bytes stay where they are until retention. Should it fail
   * again after it was replayed, it waits again, as a letter of its own.
   */
  settle(letter: WaitingLetter, verdict: Verdict): Promise<void>;
  close(): Promise<void>;
}
