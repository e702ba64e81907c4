import type { Ending } from "./endings.ts";
import type { Model } from "./models.ts";
import type { TokenUsage } from "./price-table.ts";
import type { Service } from "./services.ts";

/** One span in the generator's own words: what it will say (`otlp-span.ts`), and what it must come to (the ledger). */
export interface PlannedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly service: Service;
  /** The instrumentation that emits it. */
  readonly scope: string;
  readonly name: string;
  /** A call to a provider, a wrapper of calls, a tool's run, a retrieval, or something without a part in spend. */
  readonly role: "call" | "wrapper" | "tool" | "retrieval" | "other";
  /** `gen_ai.operation.name`; empty where the span is not of GenAI. */
  readonly operation: string;
  /** Unix microseconds. */
  readonly startUs: number;
  readonly endUs: number;
  readonly ending: Ending;
  readonly model: Model | undefined;
  /** A wrapper names what it asked for; a call what answered too, unless it failed. */
  readonly namesResponseModel: boolean;
  readonly responseId: string | undefined;
  /** Undefined: the span does not tell. */
  readonly usage: TokenUsage | undefined;
  /** Its usage is told by another span of the trace as well, and counts there. */
  readonly repeats: boolean;
  /** 1 for the first try. */
  readonly attempt: number;
  readonly userId: string | undefined;
  readonly conversationId: string | undefined;
  readonly feature: string | undefined;
  readonly prompt: { readonly name: string; readonly version: string } | undefined;
  readonly agentName: string | undefined;
  readonly tool: { readonly name: string; readonly callId: string } | undefined;
  readonly texts: PlannedTexts;
  /** An earlier message of the same span, which this one supersedes. */
  readonly earlier: PlannedSpan | undefined;
}

/** As they stand in the attributes: messages, arguments and documents are JSON. */
export interface PlannedTexts {
  readonly input?: string;
  readonly output?: string;
  readonly arguments?: string;
  readonly result?: string;
  readonly documents?: string;
}
