/**
 * The span log: gateways publish records to it, consumers read them in order and say how far they are.
 * `kafka/` and `embedded/` implement it; `test/conformance.ts` is what an implementation must pass.
 */

/** One record: an OTLP ExportTraceServiceRequest. Keyed records hold exactly one trace. */
export interface OutboundRecord {
  /** Lowercase hex trace id. */
  readonly key: string;
  readonly value: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

export type PublishOutcome =
  /** Every record is durable: it will be delivered whatever dies next, perhaps more than once. */
  | { readonly kind: "acknowledged" }
  /** These can never be taken (too large); the others are durable. */
  | { readonly kind: "rejected"; readonly indexes: readonly number[]; readonly message: string }
  /** Not known to be durable; the same records may be published again without harm. */
  | { readonly kind: "unavailable"; readonly message: string; readonly retryAfterSeconds: number };

export interface SpanPublisher {
  /**
   * Resolves `acknowledged` only after every record is durable. Order within a key is kept between awaited calls.
   * Never throws for what a broker can do; never buffers more than its bound of bytes: beyond that it answers
   * `unavailable` at once.
   */
  publish(records: readonly OutboundRecord[]): Promise<PublishOutcome>;
  /** Whether a publish would likely be acknowledged now. */
  ready(): Promise<boolean>;
  close(): Promise<void>;
}

/** A record as it was read. Texts stay bytes. */
export interface InboundRecord {
  readonly topic: string;
  readonly partition: number;
  /** Increases within a partition; gaps are allowed. */
  readonly offset: bigint;
  /** Null where the producer set none. */
  readonly key: Uint8Array | null;
  readonly value: Uint8Array;
  readonly headers: Readonly<Record<string, Uint8Array>>;
  /** Unix milliseconds that the log or the producer gave it. */
  readonly timestamp: number;
}

/** How far a partition is worked off. */
export interface Position {
  readonly topic: string;
  readonly partition: number;
  /** The offset of the next record to read. */
  readonly next: bigint;
  /** `fingerprintOf` the last record before `next`, so that a re-created log is noticed. */
  readonly fingerprint: string;
  /** The last record's timestamp, Unix milliseconds. */
  readonly timestamp: number;
}

/** Records of one assignment, in order within each partition. May be empty: time passed without a record. */
export interface InboundBatch {
  /** Changes whenever partitions come or go; work of an older one must not move positions. */
  readonly generation: number;
  readonly records: readonly InboundRecord[];
  /** One for each partition that has records here: the position once they are worked off. */
  readonly positions: readonly Position[];
  /** Records wait behind it already: the reader is catching up. */
  readonly more: boolean;
}

export interface ReadLimits {
  /** A batch closes at this many bytes of values, or earlier; one larger record still comes, alone. */
  readonly maxBytes: number;
  /** A batch with records closes this long after its first. An empty one comes after this long without any. */
  readonly maxWaitMs: number;
}

export interface SpanSubscriber {
  /**
   * Whether records that were not committed come again after a crash of the consumer. Where they do not, what a crash left
   * half done must be found in the store.
   */
  readonly redelivers: boolean;
  /**
   * The batches, until `close`. The next one is read ahead only as far as the implementation's byte bound allows:
   * a consumer that stops asking stops the reading. Redelivers everything after the last committed position when a
   * consumer or its assignment dies. Survives broker outages by itself; ends (throws) only on what cannot heal.
   */
  batches(limits: ReadLimits): AsyncIterable<InboundBatch>;
  /**
   * The batch's records are in the store and will survive a crash, though what is summed from them may be behind.
   * The embedded bus answers its publishers at this point; for Kafka it changes nothing.
   */
  stored(batch: InboundBatch): void;
  /** Whether positions of `generation` may still move: who has lost its partitions has nothing to record of them. */
  holds(generation: number): boolean;
  /**
   * Moves the group's positions, durably. Returns false when `generation` is no longer the assignment: then nothing
   * moved and the records will be delivered again, perhaps to another.
   */
  commit(generation: number, positions: readonly Position[]): Promise<boolean>;
  /** How many records each assigned partition is behind its end. */
  lag(): Promise<ReadonlyMap<number, bigint>>;
  /** Stops reading, leaves the group. Batches already handed out may still be stored, not committed. */
  close(): Promise<void>;
}

/**
 * Where reading starts on a partition that was just assigned: at the lesser of this and the group's own offset, after
 * the fingerprint has proved the log to be the known one. Undefined: the store knows nothing of the partition, which is
 * then read from its beginning, whatever the group's offset says. It may throw; it is asked again.
 */
export type CheckpointLookup = (topic: string, partition: number) => Promise<Position | undefined>;

/** Headers that a record carries. Anything else passes through unread. */
export const recordHeader = {
  contentType: "content-type",
  project: "spanhouse-project",
  /** On a record that the consumer published again under its key: never done twice. */
  hop: "spanhouse-hop",
  originTopic: "spanhouse-origin-topic",
  originPartition: "spanhouse-origin-partition",
  originOffset: "spanhouse-origin-offset",
  originTimestamp: "spanhouse-origin-timestamp",
} as const;

/** Headers of a dead letter, beside the origin's. Key and value are the record's own, unchanged. */
export const deadLetterHeader = {
  code: "spanhouse-error-code",
  message: "spanhouse-error-message",
  stage: "spanhouse-error-stage",
} as const;
