import type { OutboundRecord, PublishOutcome, SpanPublisher } from "@spanhouse/bus/bus";

export interface FakePublisher extends SpanPublisher {
  /** What was published, acknowledged or not. */
  readonly records: OutboundRecord[];
  /** Answers of the next publishes, in order; afterwards all are acknowledged at once. */
  readonly answers: Array<PublishOutcome | Promise<PublishOutcome> | Error>;
  isReady: boolean;
}

export function createFakePublisher(): FakePublisher {
  const publisher: FakePublisher = {
    records: [],
    answers: [],
    isReady: true,
    async publish(records) {
      publisher.records.push(...records);
      const answer = publisher.answers.shift() ?? { kind: "acknowledged" };
      if (answer instanceof Error) throw answer;
      return answer;
    },
    ready: () => Promise.resolve(publisher.isReady),
    close: () => Promise.resolve(),
  };
  return publisher;
}

/** An answer that is given when the test says so. */
export function heldAnswer(): { readonly answer: Promise<PublishOutcome>; give(outcome: PublishOutcome): void } {
  let give: (outcome: PublishOutcome) => void = () => {};
  const answer = new Promise<PublishOutcome>((resolve) => {
    give = resolve;
  });
  return { answer, give: (outcome) => give(outcome) };
}
