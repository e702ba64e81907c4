import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import type { ExportTraceServiceRequest } from "@spanhouse/schemas/otlp/model";
import { toModel } from "@spanhouse/schemas/otlp/to-model";
import { z } from "zod";
import type { Case } from "./case-file.ts";
import { Matcher } from "./matcher.ts";
import type { ModelEndpoint } from "./model-endpoint.ts";
import { type Answer, type Delays, modelAnswer, type Recorded, workAnswer } from "./recorded-answer.ts";
import { type RecordedSpan, recordingOf } from "./recording.ts";
import { redactor } from "./redaction.ts";

/** What an SDK asks: REPLAY.md of sdk/conformance. */
export const questionSchema = z.object({
  what: z.enum(["model", "tool", "retrieval", "value"]),
  /** The name of the tool, retriever or value; empty for a model. */
  of: z.string(),
  asked: z.string(),
  /** Where a model's request was about to go. */
  url: z.string().default(""),
  /** Which sending of the same call this is, from 1. */
  attempt: z.int().positive().default(1),
  /** Of values of one name on one span, which this is, from 0. */
  index: z.int().nonnegative().default(0),
  ids: z.array(z.string()).min(1),
  labels: z.array(z.string()).min(1),
});
export type SdkQuestion = z.infer<typeof questionSchema>;

/** Who answered a question, and from which recorded span. */
export interface Answered {
  /** `nothing`: it failed, as nothing was recorded for it. */
  readonly by: "recording" | "nearest" | "model" | "live" | "nothing";
  /** Recorded for the same question. */
  readonly match: RecordedSpan | undefined;
  /** In whose place another answer was given. */
  readonly from: RecordedSpan | undefined;
  /** Why it failed. */
  readonly message?: string;
}

/** What happens to a question that was not recorded. */
export type OnMiss =
  | { readonly kind: "fail" }
  | { readonly kind: "nearest" }
  | { readonly kind: "model"; readonly endpoint: ModelEndpoint };

export interface ReplayOptions {
  readonly onMiss: OnMiss;
  readonly delays: Delays;
  /** `tool:NAME` and `retrieval:NAME` that run instead of being answered. */
  readonly live: ReadonlySet<string>;
}

/** One run of a program against a case: answers what it asks, and keeps what it tells. */
export class ReplayRun {
  readonly recorded: Case;
  readonly spans: readonly RecordedSpan[];
  /** By the id of the span that asked. */
  readonly answered = new Map<string, Answered>();
  readonly requests: ExportTraceServiceRequest[] = [];
  private readonly options: ReplayOptions;
  private readonly matcher: Matcher;
  private readonly clean: (text: string) => string;

  constructor(recorded: Case, options: ReplayOptions) {
    const recording = recordingOf(recorded);
    this.recorded = recorded;
    this.spans = recording.spans;
    this.options = options;
    this.matcher = new Matcher(recording);
    this.clean = redactor(recorded.redact);
  }

  /** OTLP protobuf, as the SDK sends it to a gateway; false where it is none. */
  take(bytes: Uint8Array): boolean {
    const decoded = decodeTraces(bytes);
    if (decoded.kind === "failed") return false;
    this.requests.push(toModel(decoded.traces));
    return true;
  }

  async answer(question: SdkQuestion): Promise<Answer> {
    const { what, of, ids, labels, attempt } = question;
    if (what === "value") return this.value(question);
    const id = ids.at(-1)!;
    if (this.options.live.has(`${what}:${of}`)) {
      this.note(id, { by: "live", match: undefined, from: undefined });
      return { kind: "live" };
    }
    const asked = this.clean(question.asked);
    const match = this.matcher.match({ what, of, asked, ids, labels });
    if (match.kind === "recorded") {
      const answer = this.answerOf(match.span, attempt);
      if (answer.kind !== "unrecorded") {
        this.note(id, { by: "recording", match: match.span, from: match.span });
        return answer;
      }
      return this.missed(id, match.span, answer.reason);
    }
    const { onMiss } = this.options;
    if (onMiss.kind === "model" && what === "model") {
      const answer = await onMiss.endpoint.answer(question.url, question.asked);
      if (answer.kind === "miss") return this.missed(id, undefined, answer.message);
      this.note(id, { by: "model", match: undefined, from: undefined });
      return answer;
    }
    if (onMiss.kind === "nearest" && match.nearest !== undefined) {
      const answer = this.answerOf(match.nearest, attempt);
      if (answer.kind !== "unrecorded") {
        this.note(id, { by: "nearest", match: undefined, from: match.nearest });
        return answer;
      }
      return this.missed(id, undefined, answer.reason);
    }
    return this.missed(id, undefined, missMessage(question, match.kind));
  }

  private answerOf(span: RecordedSpan, attempt: number): Recorded {
    return span.what === "model" ? modelAnswer(span, attempt, this.options.delays) : workAnswer(span);
  }

  /** A client may send a call more often; that one of its sendings was answered stays. */
  private note(id: string, answered: Answered): void {
    this.answered.set(id, answered);
  }

  private missed(id: string, match: RecordedSpan | undefined, message: string): Answer {
    this.note(id, { by: "nothing", match, from: undefined, message });
    return { kind: "miss", message };
  }

  /** Of the span at the same place; where there is none, the value is the running program's own. */
  private value({ of, index, ids, labels }: SdkQuestion): Answer {
    const values = this.matcher.counterpartOf(ids, labels)?.attributes[`spanhouse.value.${of}`];
    const value = Array.isArray(values) ? values[index] : undefined;
    return value === undefined ? { kind: "live" } : { kind: "value", value, was: "" };
  }
}

function missMessage({ what, of }: SdkQuestion, kind: "differs" | "more-often"): string {
  const asker = what === "model" ? "the model" : `the ${what} ${of}`;
  return kind === "differs"
    ? `${asker} is asked something that the recording does not have`
    : `${asker} is asked the same more often than in the recording`;
}
