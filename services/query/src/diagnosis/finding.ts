import { Buffer } from "node:buffer";
import type { Finding } from "@spanhouse/schemas/api/diagnosis";
import type { DiagnosedSpan, DiagnosedTrace } from "./diagnosed-trace.ts";

/** What a check sees; whose check it is says the registry. */
export type Observation = Omit<Finding, "check">;

/** Looks for one thing in a trace. Pure: the same trace gives the same observations, in the order of its spans. */
export type Check = (trace: DiagnosedTrace) => Observation[];

type Evidence = Finding["evidence"];
type Field = NonNullable<Evidence["field"]>;

/** A fact that stands in no text of the span. */
export function fact(span: DiagnosedSpan, text: string): Evidence {
  return { span_id: span.facts.span_id, field: null, start: null, end: null, text: clipped(text) };
}

/** Words of a text of the span, with the bytes where they first stand, plain or escaped as JSON does. */
export function words(span: DiagnosedSpan, field: Field, said: string): Evidence {
  const text = span.facts[field];
  const place = text === null ? undefined : placeOf(text, said);
  return { span_id: span.facts.span_id, field, start: null, end: null, ...place, text: clipped(said) };
}

function placeOf(text: string, said: string): { readonly start: number; readonly end: number } | undefined {
  if (said === "") return undefined;
  const escaped = JSON.stringify(said).slice(1, -1);
  for (const spelt of [escaped, said, ascii(escaped), JSON.stringify(escaped).slice(1, -1)]) {
    const at = text.indexOf(spelt);
    if (at < 0) continue;
    const start = Buffer.byteLength(text.slice(0, at));
    return { start, end: start + Buffer.byteLength(spelt) };
  }
  return undefined;
}

/** As Python's json writes by default. */
function ascii(text: string): string {
  return text.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function clipped(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 199)}…`;
}
