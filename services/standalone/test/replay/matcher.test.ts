import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CaseSpan } from "../../src/replay/case-file.ts";
import { Matcher, type Question } from "../../src/replay/matcher.ts";
import { recordingOf } from "../../src/replay/recording.ts";

const span = (fields: Partial<CaseSpan> & Pick<CaseSpan, "span">): CaseSpan => ({
  ...{ parent: null, name: "step", kind: 1, attributes: {}, texts: {}, startUs: 0, durationUs: 1 },
  ...fields,
});

const call = (ordinal: number, parent: number | null, request: string): CaseSpan =>
  span({ span: ordinal, parent, name: "chat m", attributes: { "gen_ai.operation.name": "chat" }, texts: { request } });

const recorded = (spans: readonly CaseSpan[]) =>
  recordingOf({ name: "c", traceId: "", service: "", startTime: "", redact: [], spans });

const question = (labels: readonly string[], asked: string, ids: readonly string[] = labels): Question => ({
  ...{ what: "model", of: "", asked, ids, labels },
});

const matched = (matcher: Matcher, asked: Question): number | undefined => {
  const match = matcher.match(asked);
  return match.kind === "recorded" ? match.span.span : undefined;
};

describe("what answers a question", () => {
  test("is what was asked the same, whichever order its keys have, wherever it stands", () => {
    const matcher = new Matcher(recorded([span({ span: 1 }), call(2, 1, '{"a":1,"b":[2]}')]));
    expect(matched(matcher, question(["other#0", "chat#3"], '{ "b": [2], "a": 1 }'))).toBe(2);
  });

  test("is of equals the one at the same place; each is given once, but for the same call sent again", () => {
    const matcher = new Matcher(recorded([span({ span: 1 }), call(2, 1, "{}"), call(3, 1, "{}")]));
    expect(matched(matcher, question(["step#0", "chat#1"], "{}", ["r", "b"]))).toBe(3);
    expect(matched(matcher, question(["step#0", "chat#1"], "{}", ["r", "b"]))).toBe(3);
    expect(matched(matcher, question(["step#0", "chat#0"], "{}", ["r", "a"]))).toBe(2);
    expect(matcher.match(question(["step#0", "chat#2"], "{}", ["r", "c"])).kind).toBe("more-often");
  });

  test("where it was not recorded: nearest is the same place, else the most alike", () => {
    const matcher = new Matcher(
      recorded([span({ span: 1 }), call(2, 1, '"cats and dogs"'), call(3, 1, '"one red fox"')]),
    );
    const nearest = (label: string) => matcher.match(question(["step#0", label], '"one blue fox"', ["r", label]));
    expect(nearest("chat#0")).toMatchObject({ kind: "differs", nearest: { span: 2 } });
    expect(nearest("chat#9")).toMatchObject({ kind: "differs", nearest: { span: 3 } });
  });
});

test("an unchanged concurrent program gets the same answers in whichever order its workers ask", () => {
  // Workers of one name; each asks something of its own, and then what all ask.
  const scene = fc.record({
    workers: fc.integer({ min: 2, max: 6 }),
    shared: fc.integer({ min: 1, max: 4 }),
    seed: fc.array(fc.nat(), { minLength: 40, maxLength: 40 }),
    isNumbered: fc.boolean(),
  });
  fc.assert(
    fc.property(scene, ({ workers, shared, seed, isNumbered }) => {
      const spans = [span({ span: 1, name: "root" })];
      const questions: {
        readonly expected: number;
        readonly asked: string;
        readonly worker: number;
        readonly nth: number;
      }[][] = [];
      for (let worker = 0; worker < workers; worker++) {
        const step = spans.push(span({ span: spans.length + 1, parent: 1, name: "work" }));
        const asks = [`{"own":${worker}}`, ...Array.from({ length: shared }, () => '{"all":1}')];
        questions.push(
          asks.map((asked, nth) => ({ expected: spans.push(call(spans.length + 1, step, asked)), asked, worker, nth })),
        );
      }
      const matcher = new Matcher(recorded(spans));
      const places = new Map<number, number>();
      for (let turn = 0; questions.some((left) => left.length > 0); turn++) {
        const waiting = questions.filter((left) => left.length > 0);
        const { expected, asked, worker, nth } = waiting[seed[turn % seed.length]! % waiting.length]!.shift()!;
        // Threads begin in any order: the number of a worker's span says nothing of which it is.
        if (!places.has(worker)) places.set(worker, places.size);
        const place = isNumbered ? worker : places.get(worker)!;
        const labels = ["root#0", `work#${place}`, `chat#${nth}`];
        expect(matched(matcher, question(labels, asked, ["r", `w${worker}`, `w${worker}.${nth}`]))).toBe(expected);
      }
    }),
  );
});
