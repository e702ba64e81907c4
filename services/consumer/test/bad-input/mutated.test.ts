import type { InboundRecord } from "@spanhouse/bus/bus";
import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import { encodeJson } from "@spanhouse/schemas/otlp/json";
import type { Span } from "@spanhouse/schemas/otlp/model";
import fc from "fast-check";
import { expect, it } from "vitest";
import { readRecord } from "../../src/record-reader.ts";
import { agent, attributes, chat, minute0, request, span } from "../pipeline/spans.ts";
import { observedPipeline, spanNamesIn } from "./observed-pipeline.ts";

/** Sent at once, so that they are likely one flush; `npm run test:full` draws more such batches. */
const records = 50;
const batches = process.env.SPANHOUSE_TEST_FULL ? 40 : 4;

/** A record with a bit of everything that the decoder walks. */
function record(trace: number): Span[] {
  const events = [
    { name: "exception", timeUnixNano: minute0, attributes: attributes({ "exception.type": "TypeError" }) },
  ];
  const links = [{ traceId: "ab".repeat(16), spanId: "cd".repeat(8), attributes: attributes({ why: "retry" }) }];
  return [
    span(trace, 1, undefined, agent({ "user.id": "u", "spanhouse.sequence": 1 }), 0n, { events, traceState: "a=b" }),
    span(
      trace,
      2,
      1,
      chat(1000, 100, { "gen_ai.response.id": "r", "gen_ai.input.messages": '[{"role":"user"}]' }),
      0n,
      {
        links,
        status: { code: 2, message: "429 Too many requests" },
      },
    ),
    span(trace, 3, 1, { "gen_ai.operation.name": "execute_tool", "spanhouse.attempt": 2, ratio: 0.5, flag: true }),
  ];
}

const mutation = fc.record({
  at: fc.nat(9_999),
  // Most other changes make a message's lengths contradict: those leave something to read.
  how: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom("set", "flip") },
    fc.constantFrom("insert", "remove", "cut", "repeat"),
  ),
  byte: fc.integer({ min: 0, max: 255 }),
  length: fc.integer({ min: 1, max: 40 }),
});

type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

function mutate(bytes: Buffer, { at, how, byte, length }: Mutation): Buffer {
  const place = Math.floor((at * bytes.length) / 10_000);
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
  switch (how) {
    case "set":
      return Buffer.concat([before, Buffer.from([byte]), after.subarray(1)]);
    case "flip":
      return Buffer.concat([before, Buffer.from([(bytes[place] ?? 0) ^ (1 << (byte % 8))]), after.subarray(1)]);
    case "insert":
      return Buffer.concat([before, Buffer.from([byte]), after]);
    case "remove":
      return Buffer.concat([before, after.subarray(length)]);
    case "cut":
      return before;
    case "repeat":
      return Buffer.concat([before, after.subarray(0, length), after]);
    default:
      return bytes;
  }
}

function inbound(value: Uint8Array): InboundRecord {
  return { topic: "", partition: 0, offset: 0n, key: null, value, headers: {}, timestamp: 0 };
}

const mutated = fc
  .record({ json: fc.boolean(), mutations: fc.array(mutation, { minLength: 1, maxLength: 2 }) })
  .map(({ json, mutations }) => {
    const spans = request(...record(1));
    return mutations.reduce(mutate, Buffer.from(json ? encodeJson(spans) : encodeTraces(spans)));
  });

it("of mutated records none is lost and none stops the partition", async () => {
  const pipeline = await observedPipeline();
  let sent = 0;
  let unreadable = 0;
  let stored = 0;

  async function check(project: string, value: Buffer): Promise<void> {
    const reading = readRecord(inbound(value), project);
    const letters = await pipeline.letters(project);
    const found = await pipeline.clickhouse.query<{ id: string }>(
      `SELECT DISTINCT lower(concat(hex(trace_id), hex(span_id))) AS id FROM
       (SELECT project, trace_id, span_id FROM spans UNION ALL SELECT project, trace_id, span_id FROM open_spans)
       WHERE project = {project:String} ORDER BY id`,
      { project },
    );
    const ids = found.map(({ id }) => id);
    if (reading.kind === "unreadable") {
      unreadable++;
      expect(ids).toEqual([]);
      expect(letters.map((letter) => [letter.code, letter.value.equals(value)])).toEqual([[reading.code, true]]);
    } else {
      const { spans, rejected } = reading.traces;
      stored += spans.length;
      expect(ids).toEqual([...new Set(spans.map(({ traceId, spanId }) => traceId + spanId))].sort());
      expect(letters.flatMap(spanNamesIn)).toHaveLength(rejected.length);
      expect(letters.filter(({ code }) => code === "SPAN_UNSTORABLE")).toEqual([]);
    }
  }

  await fc.assert(
    fc.asyncProperty(fc.array(mutated, { minLength: records, maxLength: records }), async (values) => {
      const batch = values.map((value) => ({ project: `mutated-${++sent}`, value }));
      await Promise.all(batch.map(({ project, value }) => pipeline.sendBytes(project, value)));
      for (const { project, value } of batch) await check(project, value);
    }),
    { numRuns: batches, endOnFailure: true },
  );
  await pipeline.goesOn();
  // The draw has both kinds, or this would show nothing.
  expect(unreadable).toBeGreaterThan(sent / 10);
  expect(stored).toBeGreaterThan(sent / 10);
  await pipeline.stop();
}, 300_000);
