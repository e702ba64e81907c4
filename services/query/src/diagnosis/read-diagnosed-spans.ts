import type { SpanDetail } from "@spanhouse/schemas/api/spans";
import { readSpansToDiagnose } from "@spanhouse/store/readers/diagnosed-spans";
import type { ProjectReader } from "@spanhouse/store/readers/project-reader";
import { readSpans } from "@spanhouse/store/readers/span";

/** So much of a trace is looked at: spans, and characters of their texts. */
const maxSpans = 300;
const maxCharacters = 24_000_000;
const spansAtOnce = 25;

export interface DiagnosedSpans {
  /** Of the trace, that count. */
  readonly total: number;
  readonly spans: readonly SpanDetail[];
}

/** The first spans of a trace with their texts, as many as are looked at. */
export async function readDiagnosedSpans(reader: ProjectReader, traceId: string): Promise<DiagnosedSpans> {
  const { total, spanIds } = await readSpansToDiagnose(reader, traceId, maxSpans);
  const spans: SpanDetail[] = [];
  let characters = 0;
  for (let from = 0; from < spanIds.length && characters < maxCharacters; from += spansAtOnce) {
    const read = await readSpans(reader, traceId, spanIds.slice(from, from + spansAtOnce));
    spans.push(...read);
    characters += read.reduce((sum, span) => sum + charactersOf(span), 0);
  }
  return { total, spans };
}

function charactersOf({ request, response, tool_arguments, tool_result, documents }: SpanDetail): number {
  return [request, response, tool_arguments, tool_result, documents].reduce(
    (sum, text) => sum + (text?.length ?? 0),
    0,
  );
}
