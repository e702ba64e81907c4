import type { DeadLetter } from "@spanhouse/bus/dead-letters";
import { expect, it } from "vitest";
import { buryAll } from "../../src/bury.ts";
import { deadLetter } from "../../src/dead-letter.ts";

const limit = 1_000_000;
const large = new Uint8Array(limit);

function sizeOf({ key, value, headers }: DeadLetter): number {
  return (key?.length ?? 0) + value.length + JSON.stringify(headers).length;
}

/** Takes what a broker would, and at first is away. */
function broker() {
  const taken: DeadLetter[] = [];
  let away = true;
  return {
    taken,
    async publish(letters: readonly DeadLetter[]) {
      if (away) {
        away = false;
        return { kind: "unavailable", message: "away", retryAfterSeconds: 0 } as const;
      }
      const indexes = letters.flatMap((letter, index) => (sizeOf(letter) > limit ? [index] : []));
      taken.push(...letters.filter((letter) => sizeOf(letter) <= limit));
      if (indexes.length === 0) return { kind: "acknowledged" } as const;
      return { kind: "rejected", indexes, message: `larger than ${limit} bytes` } as const;
    },
    close: async () => undefined,
  };
}

it.each([
  ["its bytes", { value: large }],
  ["its key", { key: large }],
  ["its headers", { headers: { large } }],
  ["its project", { headers: { "spanhouse-project": large } }],
  [
    "its own claim to be without bytes",
    { value: large, headers: { "spanhouse-error-bytes-left-at-origin": new Uint8Array(1) } },
  ],
])("a letter too large by %s goes without them, and says where they are", async (_, more) => {
  const record = {
    topic: "otlp_spans",
    partition: 3,
    offset: 41n,
    timestamp: 5,
    key: null,
    value: new Uint8Array(1),
    headers: {},
    ...more,
  };
  const small = { ...record, offset: 42n, value: new Uint8Array(2), key: null, headers: {} };
  const failure = { project: "p", code: "OTLP_WIRE", message: "no request", stage: "read" } as const;
  const dlq = broker();
  await buryAll(dlq, [deadLetter(record, failure), deadLetter(small, failure)], new AbortController().signal);

  expect(dlq.taken.map(({ headers }) => headers["spanhouse-origin-offset"])).toEqual(["42", "41"]);
  expect(dlq.taken[0]!.value).toEqual(small.value);
  expect(dlq.taken[1]).toMatchObject({
    key: null,
    value: new Uint8Array(0),
    headers: {
      "spanhouse-error-bytes-left-at-origin": "true",
      "spanhouse-error-code": "OTLP_WIRE",
      "spanhouse-origin-topic": "otlp_spans",
      "spanhouse-origin-partition": "3",
    },
  });
});
