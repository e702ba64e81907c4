import type { Bucket } from "@spanhouse/schemas/bucket";
import type { PicoDollars } from "@spanhouse/schemas/money";
import type { ErrorClass, Outcome, Refusal } from "@spanhouse/schemas/outcome";

/** A row of `traces`. What it counts leaves void rows out; spend leaves aggregates out too. */
export interface TraceSummary {
  readonly project: string;
  readonly traceId: string;
  /** The earliest span without parent; without one, the earliest that hangs highest, and `hasRoot` is false. */
  readonly rootSpanId: string;
  readonly name: string;
  readonly hasRoot: boolean;
  /** Distinct span ids that are named as parents and have not come. */
  readonly missingParents: number;
  readonly hasCycle: boolean;
  /** Unix nanoseconds, of possible times only; 0n when there are none. */
  readonly start: bigint;
  readonly end: bigint;
  readonly durationUs: number;
  readonly spanCount: number;
  readonly voidCount: number;
  readonly aggregateCount: number;
  /** Calls to providers, retries included. */
  readonly modelCalls: number;
  readonly toolCalls: number;
  readonly errorCount: number;
  readonly refusalCount: number;
  /** Calls that were not the first try. */
  readonly retryCount: number;
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly cost: PicoDollars;
  readonly estimatedCost: PicoDollars;
  readonly cacheSavings: PicoDollars;
  /** Of `cost`: retries, and what ended in an error, an abort or a truncation. */
  readonly wastedCost: PicoDollars;
  readonly pricedCalls: number;
  readonly estimatedCalls: number;
  readonly unpricedCalls: number;
  readonly unknownUsageCalls: number;
  readonly outcome: Outcome;
  readonly outcomes: readonly Outcome[];
  readonly errorClasses: readonly ErrorClass[];
  /** What the span said that the outcome is from; empty when it is `ok`. */
  readonly message: string;
  /** The most certain one of the calls that count. */
  readonly refusal: Refusal;
  /** The root's; else the earliest span's that has one. */
  readonly userId: string;
  readonly conversationId: string;
  readonly tags: readonly string[];
  readonly services: readonly string[];
  readonly environments: readonly string[];
  readonly providers: readonly string[];
  readonly requestModels: readonly string[];
  readonly responseModels: readonly string[];
  readonly operations: readonly string[];
  readonly features: readonly string[];
  readonly releases: readonly string[];
  readonly teams: readonly string[];
  readonly prompts: readonly string[];
  readonly toolNames: readonly string[];
  /** Of all rows, void ones too: neither ever loses a bucket. */
  readonly lastBucket: Bucket;
  readonly buckets: readonly Bucket[];
  /** UInt128, see rank.ts. */
  readonly rank: bigint;
}
