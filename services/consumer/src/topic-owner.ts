import { recordHeader, type SpanSubscriber } from "@spanhouse/bus/bus";

/** The project to which a topic belongs, by what stands behind the prefix of such topics; undefined: to no single one. */
export function topicOwner(topic: string, prefix: string): string | undefined {
  return prefix !== "" && topic.startsWith(prefix) ? topic.slice(prefix.length) : undefined;
}

/**
 * A topic that belongs to one project: what its records' headers say of theirs is not heard. Whoever may write to it (an
 * affair of Kafka's ACLs) writes to that project and to no other.
 */
export function withoutNamedProjects(subscriber: SpanSubscriber): SpanSubscriber {
  return {
    ...subscriber,
    async *batches(limits) {
      for await (const batch of subscriber.batches(limits)) {
        const records = batch.records.map((record) => {
          const { [recordHeader.project]: _, ...headers } = record.headers;
          return { ...record, headers };
        });
        yield { ...batch, records };
      }
    },
  };
}
