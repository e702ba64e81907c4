import type { Bucket } from "@spanhouse/schemas/bucket";
import type { PicoDollars } from "@spanhouse/schemas/money";
import type { ErrorClass, Outcome, Refusal } from "@spanhouse/schemas/outcome";
import type { Family, PriceState, Role, UsageState } from "@spanhouse/schemas/span";

/**
 * A row of `spans` as a flush reads it back: what marking and the trace's summary look at, no text, no payload.
 * One per (bucket, span id): the greatest version that the store has.
 */
export interface TraceRow {
  readonly bucket: Bucket;
  /** 16 lowercase hex digits; `parentSpanId` is empty for a root. */
  readonly spanId: string;
  readonly parentSpanId: string;
  /** UInt64, see version.ts. */
  readonly version: bigint;
  readonly role: Role;
  readonly family: Family;
  readonly operation: string;
  readonly usageState: UsageState;
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly cost: PicoDollars;
  readonly estimatedCost: PicoDollars;
  readonly cacheSavings: PicoDollars;
  readonly priceState: PriceState;
  readonly responseId: string;
  readonly requestModel: string;
  readonly responseModel: string;
  readonly provider: string;
  readonly name: string;
  readonly service: string;
  readonly environment: string;
  readonly userId: string;
  readonly conversationId: string;
  readonly tags: readonly string[];
  /** Unix nanoseconds. */
  readonly startTime: bigint;
  readonly endTime: bigint;
  readonly outcome: Outcome;
  readonly refusal: Refusal;
  readonly errorClass: ErrorClass;
  readonly isRetry: boolean;
  readonly toolName: string;
  readonly feature: string;
  readonly release: string;
  readonly team: string;
  readonly prompt: string;
  readonly message: string;
  /** Bits of `SpanFlag`. */
  readonly flags: number;
}

/** Whether token counts were reported: what can be spent, and repeated. An estimate explains no usage that was reported. */
export function bearsUsage(row: TraceRow): boolean {
  return row.usageState === "exact";
}

/** The order of spans wherever one must be first: by start, ties by span id. */
export function byStart(a: TraceRow, b: TraceRow): number {
  if (a.startTime !== b.startTime) return a.startTime < b.startTime ? -1 : 1;
  if (a.spanId !== b.spanId) return a.spanId < b.spanId ? -1 : 1;
  return 0;
}
