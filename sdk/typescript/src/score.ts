import { activeParent } from "./context.ts";
import { tracer } from "./default-tracer.ts";
import { sha256 } from "./media.ts";
import { Span, spanKind } from "./span.ts";
import { putText } from "./texts.ts";

/** What is said of a score beyond its value. */
export interface ScoreOptions {
  /** A text, for the reader. */
  readonly comment?: string;
  /** Who judged: `user`, `reviewer`, `evaluator`, … */
  readonly source?: string;
  /** Whoever judged, by your own id. */
  readonly userId?: string;
  /** A score of the same id replaces this one. */
  readonly id?: string;
  /** What is judged; the active span where it is left out. Without `spanId` it is the whole trace. */
  readonly of?: { readonly traceId: string; readonly spanId?: string };
}

/**
 * Feedback, or an evaluation: a number, a yes or no, or a category. Outside of a trace, without `of`, there is nothing to
 * judge: it is left out, with a warning. Never throws.
 */
export const score = (name: string, value: number | boolean | string, options: ScoreOptions = {}): void => {
  const current = tracer();
  const of = options.of ?? activeParent();
  if (of === undefined) {
    current.warn(`score ${JSON.stringify(name)} has no span to be given to`);
    return;
  }
  const { traceId, spanId } = of;
  // A parent of no id is none.
  const span = new Span(current, "spanhouse.score", spanKind.internal, {
    traceId,
    spanId: spanId ?? "",
    inherited: [],
  });
  if (options.id !== undefined) span.spanId = sha256(options.id)?.slice(0, 16) ?? span.spanId;
  span.set("gen_ai.evaluation.name", name);
  if (typeof value === "string") span.set("gen_ai.evaluation.score.label", value);
  else span.set("gen_ai.evaluation.score.value", Number(value));
  if (typeof value === "boolean") span.set("gen_ai.evaluation.score.label", String(value));
  putText(span, "gen_ai.evaluation.explanation", options.comment);
  span.set("spanhouse.score.source", options.source);
  span.set("user.id", options.userId);
  current.control(span);
};
