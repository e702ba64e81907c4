import { classify } from "@spanhouse/consumer/derive/classify";
import { normalise } from "@spanhouse/consumer/derive/normalise";
import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import type { Figure } from "../measure/report.ts";
import type { Benchmark } from "./benchmark.ts";
import { type LabelledAnswer, readLabelledAnswers } from "./labelled-answers.ts";

const leastPrecision = 0.95;
const leastRecall = 0.85;

/** Answers that were judged, by what they are and what the words suggested. */
interface Tally {
  readonly found: number;
  readonly missed: number;
  readonly mistaken: number;
}

/**
 * Suspected refusals, held against people's judgement of the answers. Each answer comes as a call's span does, in the
 * provider's body, and is judged by what the consumer derives of it.
 */
export const outcomes: Benchmark = {
  name: "outcomes",
  summary: "precision and recall of suspected refusals on labelled answers, tuned on and held out, by language",
  options: {},

  async run(_, tell) {
    const answers = readLabelledAnswers().map((answer) => ({ ...answer, suspected: isSuspected(answer) }));
    for (const { split, language, kind, text, refuses, suspected } of answers) {
      if (split === "tune" && refuses !== suspected) tell(`${language} ${kind}, suspected: ${suspected}: ${text}`);
    }
    const languages = [...new Set(answers.map(({ language }) => language))];
    const figures: Figure[] = [{ name: "answers", value: answers.length, unit: "answers", target: null, ok: true }];
    for (const split of ["held_out", "tune"] as const) {
      const of = answers.filter((answer) => answer.split === split);
      figures.push(...figuresOf(split, "all", tallyOf(of), split === "held_out"));
      for (const language of languages) {
        figures.push(
          ...figuresOf(split, language, tallyOf(of.filter((answer) => answer.language === language)), false),
        );
      }
    }
    return { figures, versions: {} };
  },
};

function isSuspected({ text }: LabelledAnswer): boolean {
  const body = { choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }] };
  const attributes = [
    { key: "gen_ai.operation.name", value: { type: "string" as const, value: "chat" } },
    { key: "spanhouse.response", value: { type: "string" as const, value: JSON.stringify(body) } },
  ];
  const span = { traceId: "1".repeat(32), spanId: "1".repeat(16), name: "chat", attributes };
  const decoded = decodeTraces(encodeTraces({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }));
  if (decoded.kind === "failed") throw new Error(decoded.message);
  return classify(normalise(decoded.traces.spans[0]!, "bench").span).refusal === "suspected";
}

function tallyOf(answers: readonly (LabelledAnswer & { readonly suspected: boolean })[]): Tally {
  const count = (refuses: boolean, suspected: boolean) =>
    answers.filter((answer) => answer.refuses === refuses && answer.suspected === suspected).length;
  return { found: count(true, true), missed: count(true, false), mistaken: count(false, true) };
}

/** The claim is made of the held-out answers of all languages: a language by itself has too few. */
function figuresOf(split: string, language: string, { found, missed, mistaken }: Tally, isClaim: boolean): Figure[] {
  const figure = (name: string, value: number, target: number): Figure => ({
    name: `${name}, ${split}, ${language} (${found + missed} refusals)`,
    value,
    unit: "share",
    target: isClaim ? target : null,
    ok: !isClaim || value >= target,
  });
  return [
    figure("precision", found / Math.max(1, found + mistaken), leastPrecision),
    figure("recall", found / Math.max(1, found + missed), leastRecall),
  ];
}
