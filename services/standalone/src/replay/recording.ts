import { canonicalJson } from "./canonical-json.ts";
import type { Case, CaseSpan } from "./case-file.ts";

/** What of a recorded span a running program can ask for; a step is only where other spans are. */
export type SpanKind = "model" | "tool" | "retrieval" | "step" | "attempt";

/** A span of a case with its place in the tree, which a replayed span is compared with. */
export interface RecordedSpan extends CaseSpan {
  readonly what: SpanKind;
  /** The name of a tool or retriever; empty for others. */
  readonly of: string;
  /** From the root to the span itself, `label#n`: the n-th child, from 0, of that label. */
  readonly path: string;
  /** What was asked, as canonical JSON; absent where it was not kept. */
  readonly asked: string | undefined;
  /** Of a call that was sent more than once, each sending in order. */
  readonly attempts: readonly CaseSpan[];
}

export interface Recording {
  readonly spans: readonly RecordedSpan[];
  /** Models, tools and retrievals by kind, name and what was asked. */
  readonly byQuestion: ReadonlyMap<string, readonly RecordedSpan[]>;
  readonly byPath: ReadonlyMap<string, RecordedSpan>;
}

export function recordingOf({ spans }: Case): Recording {
  const attempts = byKey(
    spans.filter((span) => whatOf(span) === "attempt"),
    ({ parent }) => parent,
  );
  const counts = new Map<string, number>();
  const paths = new Map<number | null, string>([[null, ""]]);
  const recorded: RecordedSpan[] = [];
  for (const span of spans) {
    const what = whatOf(span);
    const above = paths.get(span.parent) ?? "";
    const label = `${above}/${labelOf(span, what)}`;
    const ordinal = counts.get(label) ?? 0;
    counts.set(label, ordinal + 1);
    const path = `${label}#${ordinal}`;
    paths.set(span.span, path);
    recorded.push({
      ...span,
      what,
      of: nameOf(span, what),
      path,
      asked: askedOf(span),
      attempts: attempts.get(span.span) ?? [],
    });
  }
  return {
    spans: recorded,
    byQuestion: byKey(recorded, ({ what, of, asked }) => questionKey(what, of, asked ?? "")),
    byPath: new Map(recorded.map((span) => [span.path, span])),
  };
}

function byKey<T, Key>(items: readonly T[], keyOf: (item: T) => Key): Map<Key, T[]> {
  const groups = new Map<Key, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

export function questionKey(what: SpanKind, of: string, asked: string): string {
  return `${what}\n${of}\n${asked}`;
}

function whatOf({ name, attributes, texts }: CaseSpan): SpanKind {
  const operation = attributes["gen_ai.operation.name"];
  if (operation === "execute_tool") return "tool";
  if (operation === "retrieval") return "retrieval";
  if (texts.request !== undefined || texts.response !== undefined || attributes["gen_ai.request.model"] !== undefined) {
    return "model";
  }
  return operation === undefined && name.startsWith("attempt ") && attributes["spanhouse.attempt"] !== undefined
    ? "attempt"
    : "step";
}

/** What is known of a span as it starts, which the SDKs count by: of a model call the operation, else the name. */
function labelOf({ name, attributes }: CaseSpan, what: SpanKind): string {
  return what === "model" ? String(attributes["gen_ai.operation.name"] ?? name) : name;
}

function nameOf({ attributes }: CaseSpan, what: SpanKind): string {
  if (what === "tool") return String(attributes["gen_ai.tool.name"] ?? "");
  return what === "retrieval" ? String(attributes["gen_ai.data_source.id"] ?? "") : "";
}

function askedOf({ texts }: CaseSpan): string | undefined {
  const said = texts.request ?? texts.arguments ?? texts.query;
  return said === undefined ? undefined : canonicalJson(said);
}
