import type { ErrorClass, Outcome, Refusal } from "./outcome.ts";
import type { Slice } from "./slice.ts";

/**
 * What part a span plays when spend is added up.
 * `model`: one call to a provider. `wrapper`: an agent, chain, workflow or multi-step helper around calls.
 * `tool`: a tool execution; usage below it is never a repetition of usage above it. `other`: everything else.
 */
export const roles = ["other", "model", "wrapper", "tool", "retrieval"] as const;
export type Role = (typeof roles)[number];

/** Usage repeats only within a family: an embedding below an agent is not the agent's generation. */
export const families = ["none", "generate", "embed", "rerank"] as const;
export type Family = (typeof families)[number];

/** OpenTelemetry's SpanKind, by its number on the wire. */
export const spanKinds = ["unspecified", "internal", "server", "client", "producer", "consumer"] as const;
export type SpanKind = (typeof spanKinds)[number];

/** `none`: not a call. `unknown`: a call whose usage was not reported, never counted as zero. */
export const usageStates = ["none", "exact", "estimated", "unknown"] as const;
export type UsageState = (typeof usageStates)[number];

/** `none`: nothing to price. Only `priced` has a cost in the exact column, only `estimated` in the estimated one. */
export const priceStates = ["none", "priced", "estimated", "unknown_usage", "unknown_model"] as const;
export type PriceState = (typeof priceStates)[number];

/** What is known of the request and response bytes. */
export const fidelities = ["absent", "exact", "reconstructed", "redacted"] as const;
export type Fidelity = (typeof fidelities)[number];

/** What was wrong with a span that was stored all the same; bits of `SpanRow.flags`. */
export const SpanFlag = {
  /** The end is outside [2020, 2050): the span lies in the quarantine bucket. */
  impossibleEnd: 1 << 0,
  /** The start is outside [2020, 2050). */
  impossibleStart: 1 << 1,
  /** The end is before the start; the duration counts as 0. */
  negativeDuration: 1 << 2,
  /** A token count was negative, fractional, not a number or above 2^48: it was not taken. */
  invalidUsage: 1 << 3,
  /**
   * Not all of the span is stored where it belongs: a text column was cut to its limit (the whole is among the payload's
   * attributes), or of more than 10,000 events or links only the first 10,000 of each were kept.
   */
  clipped: 1 << 4,
  /** A text was not valid UTF-8; it is stored byte for byte and shown with U+FFFD. */
  invalidUtf8: 1 << 5,
  /** cache_read + cache_write exceeded input: the input was taken as exclusive of the cache. */
  exclusiveInput: 1 << 6,
  /** `spanhouse.request` or `spanhouse.response` is not the JSON that it should be. */
  unreadableBody: 1 << 8,
  /** parent_span_id is present but not 8 bytes: the span is kept as an orphan. */
  invalidParent: 1 << 9,
} as const;

/** Tokens as semantic conventions count them: input *includes* cache, output *includes* reasoning. */
export interface Usage {
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  /** Every other billing unit by its catalogue name (`cache_write_1h_tokens`, `input_audio_tokens`, `web_searches`, …). */
  readonly units: Readonly<Record<string, number>>;
}

/** What one price is and where it came from. Amounts in pico-dollars (10^-12 USD). */
export interface Price {
  readonly state: PriceState;
  /** Exact cost; 0n unless `state` is `priced`. */
  readonly cost: bigint;
  /** 0n unless `state` is `estimated`. */
  readonly estimatedCost: bigint;
  /** What the cached input would have cost more at the uncached price; may be negative for cache writes. */
  readonly cacheSavings: bigint;
  /** `genai-prices`, `override`, … */
  readonly source: string;
  /** The version of the source, such as the package version with the hash of its data. */
  readonly version: string;
  /** Which rule of the source was applied, such as `anthropic/claude-sonnet-4@2025-05-22`. */
  readonly rule: string;
}

/** Dimensions of spend that come from the span's own record (attributes or resource), never from its parents. */
export interface Ownership {
  readonly environment: string;
  readonly service: string;
  readonly release: string;
  readonly region: string;
  readonly team: string;
  readonly costCentre: string;
  readonly feature: string;
  /** `name@version`, or `name`. */
  readonly prompt: string;
  /** A label or hash of the provider key, never the key. */
  readonly credential: string;
}

/** Bits of `DerivedSpan.mappedOwnership`: what the span left empty and a rule gave. */
export const mappedOwnership = { team: 1, costCentre: 2, feature: 4, prompt: 8, release: 16 } as const;

/** Tokens that a tokenizer counted in a call's texts, because the call does not say them. Never a part of `Usage`. */
export interface EstimatedUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/**
 * A span as every dialect's reader gives it: semantic-convention meaning, no money yet.
 * Texts of unbounded size are slices of the record; everything else is short.
 */
export interface NormalisedSpan extends Ownership {
  readonly project: string;
  /** 32 and 16 lowercase hex digits; `parentSpanId` is empty for a root. */
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  /** Unix nanoseconds as received, never rewritten. */
  readonly startTime: bigint;
  readonly endTime: bigint;
  readonly name: string;
  readonly kind: SpanKind;
  readonly scope: string;
  /** Which reader claimed the span: `semconv`, `openinference`, …; empty when none did. */
  readonly dialect: string;
  readonly role: Role;
  readonly family: Family;
  /** GenAI operation name (`chat`, `embeddings`, `execute_tool`, `invoke_agent`, …); empty when none. */
  readonly operation: string;
  readonly provider: string;
  readonly requestModel: string;
  readonly responseModel: string;
  readonly responseId: string;
  readonly serviceTier: string;
  readonly toolName: string;
  readonly toolCallId: string;
  readonly agentName: string;
  readonly userId: string;
  readonly conversationId: string;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly usageState: UsageState;
  readonly usage: Usage;
  readonly finishReasons: readonly string[];
  /** From request to first chunk, µs; 0 when it was not measured. */
  readonly timeToFirstChunkUs: number;
  /** 1 for the first try; retries count up. */
  readonly attempt: number;
  /** Which message of the same span this is; a greater one supersedes. 0–255. */
  readonly revision: number;
  /** A span announced before its end (`spanhouse.open`). */
  readonly open: boolean;
  /** What the outcome is classified from. */
  readonly signals: OutcomeSignals;
  /** Absent: neither called a tool nor brought a result. */
  readonly toolExchange?: ToolExchange | undefined;
  readonly fidelity: Fidelity;
  readonly flags: number;
  /** The SDK instance's UUID and its number for this span; empty and 0 without our SDK. */
  readonly instance: string;
  readonly sequence: number;
  readonly content: SpanContent;
}

/** The tools that an answer calls, and the results that its request brought back: what a trace should have spans for. */
export interface ToolExchange {
  /** At most 32; `id` is empty where the provider gives none. */
  readonly calls: readonly { readonly id: string; readonly name: string }[];
  /** The last 32, by the call's id, or by the tool's name where there is none. */
  readonly results: readonly string[];
}

/** Everything a classifier may look at, already freed of dialect. */
export interface OutcomeSignals {
  /** OTLP status code: 0 unset, 1 ok, 2 error. */
  readonly statusCode: number;
  readonly statusMessage: string;
  /** `error.type`, or the exception's type from the span's events. */
  readonly errorType: string;
  readonly errorMessage: string;
  /** The provider's own code, where it is not the type; absent: it gave none. */
  readonly errorCode?: string | undefined;
  readonly httpStatus: number;
  /** What the provider or SDK said of a refusal; empty when nothing. */
  readonly refusalText: string;
  /** The provider said in a field of its own that it refused. */
  readonly refusalExplicit: boolean;
  /** The provider said in a field of its own that its filter stopped the prompt or the answer. */
  readonly filtered?: boolean | undefined;
  /** The first 400 characters of the answer, for suspected refusals. */
  readonly answerStart: string;
  /** Characters of the whole answer. */
  readonly answerLength: number;
  readonly hasToolCalls: boolean;
  readonly aborted: boolean;
}

/** The large texts of a span; slices of the record wherever the dialect carries the text whole. */
export interface SpanContent {
  readonly request: Slice;
  readonly response: Slice;
  readonly toolArguments: Slice;
  readonly toolResult: Slice;
  /** Retrieved documents as JSON. */
  readonly documents: Slice;
}

/** A span classified and priced: what a row of `spans` and one of `span_payloads` are written from. */
export interface DerivedSpan extends NormalisedSpan {
  readonly outcome: Outcome;
  readonly refusal: Refusal;
  readonly errorClass: ErrorClass;
  /** At most 200 characters: the refusal's first line, or the error's message. */
  readonly message: string;
  readonly price: Price;
  /** Only where `usageState` is `estimated`; `usage` has no tokens then. */
  readonly estimatedUsage?: EstimatedUsage | undefined;
  /** Bits of `mappedOwnership`: which of its owners a rule gave. */
  readonly mappedOwnership: number;
}
