import { encodeJson } from "@spanhouse/schemas/otlp/json";
import { type ImportedSpan, resourceSpansOf } from "./imported-span.ts";

/** A request, and how many spans it has. */
export interface SpanBatch {
  readonly body: string;
  readonly spans: number;
}

const maxSpans = 200;
const maxCharacters = 4_000_000;

/** Spans in requests of a bearable size. */
export async function* spanBatches(spans: AsyncIterable<ImportedSpan>, scope: string): AsyncGenerator<SpanBatch> {
  let held: ImportedSpan[] = [];
  let characters = 0;
  for await (const one of spans) {
    held.push(one);
    characters += charactersOf(one);
    if (held.length < maxSpans && characters < maxCharacters) continue;
    yield batchOf(held, scope);
    held = [];
    characters = 0;
  }
  if (held.length > 0) yield batchOf(held, scope);
}

function batchOf(spans: readonly ImportedSpan[], scope: string): SpanBatch {
  return { body: encodeJson({ resourceSpans: resourceSpansOf(spans, scope) }), spans: spans.length };
}

function charactersOf({ span }: ImportedSpan): number {
  return (span.attributes ?? []).reduce(
    (sum, { value }) => sum + (value.type === "string" ? value.value.length : 20),
    200,
  );
}
