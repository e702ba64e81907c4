import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { z } from "zod";

/**
 * What an answer is. `refusal` and `partial_refusal` decline something that was asked for, by will or rule. The others
 * do not, though many have the same words: an `apology`, a `quotation` of a refusal or one written on request, a search
 * that ended `not_found`, `safety_advice`, a `limitation` of what the model can reach, a question for `clarification`,
 * an ordinary `answer`.
 */
const kinds = [
  ...(["refusal", "partial_refusal", "apology", "quotation", "not_found"] as const),
  ...(["safety_advice", "limitation", "clarification", "answer"] as const),
] as const;

const lineSchema = z.strictObject({
  language: z.enum(["en", "de", "fr", "es", "pt", "it", "ja", "zh"]),
  kind: z.enum(kinds),
  text: z.string().min(1),
});

export interface LabelledAnswer extends z.infer<typeof lineSchema> {
  readonly refuses: boolean;
  /** The rules were tuned on `tune` alone; `held_out` is what their figures are claimed by. */
  readonly split: "tune" | "held_out";
}

const file = new URL("../../fixtures/answers.jsonl", import.meta.url);

/**
 * The answers of `fixtures/answers.jsonl`, written for this purpose: 444 before there was any rule, the last 106 when
 * there were, in other words than theirs. The split is a function of the text, fixed before all of it: the first hex digit
 * of its SHA-256 below 8 is `tune`.
 */
export function readLabelledAnswers(): readonly LabelledAnswer[] {
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  return lines.map((line) => {
    const answer = lineSchema.parse(JSON.parse(line));
    const digit = createHash("sha256").update(answer.text).digest("hex").charAt(0);
    return {
      ...answer,
      refuses: answer.kind === "refusal" || answer.kind === "partial_refusal",
      split: Number.parseInt(digit, 16) < 8 ? "tune" : "held_out",
    };
  });
}
