import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import type { Span } from "@spanhouse/schemas/otlp/model";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { untraced } from "@spanhouse/tracing/tracing";
import fc from "fast-check";
import { Registry } from "prom-client";
import { expect } from "vitest";
import { createConsumer } from "../../src/app.ts";
import { createDeadLetterTable } from "../../src/dead-letter-table.ts";
import { loadDerivation } from "../../src/derivation.ts";
import { createConsumerMetrics } from "../../src/metrics.ts";
import type { Crash } from "./crashing-clickhouse.ts";
import { crashing } from "./crashing-clickhouse.ts";
import { createReplayableLog } from "./replayable-log.ts";
import { agent, chat, request, second, span } from "./spans.ts";
import { dump, truncateAll } from "./table-dump.ts";

const loadedDerivation = loadDerivation({ ownershipFile: "", estimates: true });

interface Schedule {
  readonly batchSizes: readonly number[];
  readonly crashes: readonly Crash[];
  /** As Kafka does, or the embedded bus. */
  readonly redelivers: boolean;
}

/** Works the log off with one consumer after another, each of which dies where it is told; the last one finishes. */
async function workOff(
  clickhouse: ClickHouse,
  values: readonly Uint8Array[],
  { batchSizes, crashes, redelivers }: Pick<Schedule, "batchSizes" | "crashes" | "redelivers">,
) {
  const log = createReplayableLog(values, batchSizes, { project: "p", redelivers });
  const derivation = await loadedDerivation;
  const clients = [];
  for (const crash of [...crashes, undefined]) {
    const client = crashing(clickhouse, crash);
    clients.push(client);
    const consumer = createConsumer({
      clickhouse: client.clickhouse,
      subscriber: log.subscriber(),
      deadLetters: createDeadLetterTable(client.clickhouse),
      derivation,
      cluster: "test",
      topicProject: "",
      limits: { flushBytes: 1 << 20, flushMs: 1, rollMs: 15, liveRows: 20 },
      tracer: untraced(),
      metrics: createConsumerMetrics(new Registry(), async () => new Map()),
      log: () => undefined,
    });
    await consumer.run().catch((error: unknown) => {
      if (!client.crashed()) throw error;
    });
    if (!client.crashed()) break;
  }
  // What dead clients had sent may land after the last consumer was done: it must not matter.
  await Promise.all(clients.map((client) => client.settled()));
  expect(log.committed).toBe(BigInt(values.length));
}

const kinds = {
  agent: (usage: number) =>
    agent(usage % 2 === 0 ? {} : { "gen_ai.usage.input_tokens": usage * 100, "gen_ai.usage.output_tokens": usage }),
  chat: (usage: number) => chat(usage * 100, usage),
  chatWithId: (usage: number) =>
    chat(usage * 100, usage, { "gen_ai.response.id": `r${usage}`, "user.id": `u${usage % 2}` }),
  refused: (usage: number) => chat(usage * 100, usage, { "gen_ai.response.finish_reasons": "content_filter" }),
  tool: () => ({ "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "search" }),
  open: () => ({ ...agent(), "spanhouse.open": "true" }),
} as const;

const spanArbitrary = fc.record({
  trace: fc.integer({ min: 1, max: 3 }),
  id: fc.integer({ min: 1, max: 6 }),
  kind: fc.constantFrom(...(Object.keys(kinds) as (keyof typeof kinds)[])),
  usage: fc.integer({ min: 1, max: 4 }),
  /** Minutes from the first; over the end of an hour and of a day. */
  minute: fc.constantFrom(0, 1, 59, 60, 839, 840),
});

/** Spans whose ids, parents and usage agree (conflicting ones are a stated limit), some of them sent in two versions. */
const spansArbitrary = fc
  .uniqueArray(spanArbitrary, { minLength: 1, maxLength: 12, selector: ({ trace, id }) => `${trace} ${id}` })
  .chain((drawn) =>
    fc.array(fc.boolean(), { minLength: drawn.length, maxLength: drawn.length }).map((twice) =>
      drawn.flatMap(({ trace, id, kind, usage, minute }, i): Span[] => {
        const parent = id === 1 ? undefined : Math.ceil(id / 2);
        const at = BigInt(minute) * 60n * second + BigInt(id) * 1_000_000n;
        const one = span(trace, id, parent, kinds[kind](usage), at);
        // The same span again, ended in another minute: one of the two is void.
        const other = span(trace, id, parent, kinds[kind](usage), at + 60n * second);
        return twice[i] ? [one, other] : [one];
      }),
    ),
  );

const scheduleArbitrary = spansArbitrary.chain((spans) =>
  fc.record({
    spans: fc.constant(spans),
    /** Every span at least once, in any order, some again. */
    order: fc
      .tuple(
        fc.shuffledSubarray(
          spans.map((_, i) => i),
          { minLength: spans.length, maxLength: spans.length },
        ),
        fc.array(fc.nat({ max: spans.length - 1 }), { maxLength: 6 }),
      )
      .map(([each, again]) => [...each, ...again]),
    recordSizes: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
    batchSizes: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
    redelivers: fc.boolean(),
    crashes: fc.array(
      fc.record({
        write: fc.integer({ min: 0, max: 45 }),
        how: fc.constantFrom("before" as const, "after" as const, "detached" as const),
      }),
      { maxLength: 3 },
    ),
  }),
);

export interface SameTables {
  /** Where all spans come in one batch, once. */
  readonly reference: ClickHouse;
  /** Where they come as the schedule says. */
  readonly tested: ClickHouse;
  readonly schedules: number;
}

/** The same spans in any order, batches and repetition, with crashes between any two writes, give the same tables. */
export async function expectSameTables({ reference, tested, schedules }: SameTables): Promise<void> {
  await fc.assert(
    fc.asyncProperty(scheduleArbitrary, async ({ spans, order, recordSizes, ...schedule }) => {
      await truncateAll(reference);
      await workOff(reference, [encodeTraces(request(...spans))], { batchSizes: [1], crashes: [], redelivers: true });
      const expected = await dump(reference);

      await truncateAll(tested);
      const records: Uint8Array[] = [];
      for (let at = 0, n = 0; at < order.length; n++) {
        const size = recordSizes[n % recordSizes.length]!;
        records.push(encodeTraces(request(...order.slice(at, at + size).map((i) => spans[i]!))));
        at += size;
      }
      await workOff(tested, records, schedule);
      expect(await dump(tested)).toEqual(expected);
    }),
    { numRuns: schedules, endOnFailure: true },
  );
}
