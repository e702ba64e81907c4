import type { DecodedSpan } from "@spanhouse/schemas/otlp/decoded";
import type { Slice } from "@spanhouse/schemas/slice";
import type { AttributeReader } from "../attribute-reader.ts";
import type { BodyReading } from "../bodies/body-reading.ts";

/** What one dialect says of a span, in semantic-convention terms; undefined where it says nothing. */
export interface DialectReading extends BodyReading {
  /** An operation of `operations.ts`, or the dialect's own word. */
  readonly operation?: string | undefined;
  readonly toolName?: string | undefined;
  readonly toolCallId?: string | undefined;
  readonly agentName?: string | undefined;
  readonly userId?: string | undefined;
  readonly conversationId?: string | undefined;
  /** Whatever reader tells the usage, it is an estimate (see `TokenCounts.approximate`). */
  readonly approximateUsage?: boolean | undefined;
  readonly timeToFirstChunkUs?: number | undefined;
  readonly request?: Slice | undefined;
  readonly response?: Slice | undefined;
  /** `response` may be the provider's own body, as JSON: then it says more than the attributes do. */
  readonly responseIsBody?: boolean | undefined;
  readonly toolArguments?: Slice | undefined;
  readonly toolResult?: Slice | undefined;
  readonly documents?: Slice | undefined;
}

/**
 * One instrumentation's way to write LLM spans; a file each. What a reader promises:
 *
 * - `claims` judges by evidence that only spans of this dialect (or of one that contains it) have, cheaply.
 * - `read` is pure and total: what it cannot make sense of is undefined. It reads through the `AttributeReader`, which
 *   remembers the indexes of the attributes that were taken whole; all others stay queryable as attributes.
 * - It says only what the span says. Roles, usage semantics, outcome and price are decided once, after it.
 * - Large texts stay slices of the record. It parses none to learn what an attribute already says.
 *
 * Several readers may claim a span: the more specific one's words count first, the others fill in (`normalise.ts`).
 */
export interface DialectReader {
  readonly name: string;
  claims(attributes: AttributeReader, span: DecodedSpan): boolean;
  read(attributes: AttributeReader, span: DecodedSpan): DialectReading;
}
