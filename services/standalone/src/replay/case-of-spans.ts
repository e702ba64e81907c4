import type { AnyValue, ExportTraceServiceRequest, KeyValue, Span } from "@spanhouse/schemas/otlp/model";
import { type Case, type CaseAttribute, type CaseSpan, type CaseText, caseTexts } from "./case-file.ts";
import { type Redaction, redactor } from "./redaction.ts";

/** A case, and where the spans that it was made of are in it. */
export interface SpansAsCase {
  readonly case: Case;
  /** By span id. */
  readonly ordinals: ReadonlyMap<string, number>;
}

export interface CaseOptions {
  /** The root's name, where it is not said. */
  readonly name?: string | undefined;
  readonly redact?: readonly Redaction[];
}

/** Of delivery alone: they say nothing about the run, and would change with each. */
const leftOut = new Set(["spanhouse.sequence", "spanhouse.open"]);
const textOfAttribute = new Map(Object.entries(caseTexts).map(([text, key]) => [key as string, text as CaseText]));

/** The ended spans of one trace as a case; spans that stand for no work (scores, a process's end) are no part of it. */
export function caseOfSpans(
  requests: readonly ExportTraceServiceRequest[],
  { name, redact = [] }: CaseOptions = {},
): SpansAsCase {
  const resources = requests.flatMap(({ resourceSpans }) => resourceSpans);
  const byId = new Map<string, Span>();
  for (const { scopeSpans } of resources) {
    for (const span of scopeSpans.flatMap(({ spans }) => spans)) {
      if (isWork(span)) byId.set(span.spanId ?? "", span);
    }
  }
  const spans = inTreeOrder(byId);
  const ordinals = new Map(spans.map(({ spanId = "" }, i) => [spanId, i + 1]));
  // Depth first, siblings by start: one of the roots is the earliest, but for a child that began before its parent.
  const first = spans.map(startOf).sort((a, b) => Number(a - b))[0] ?? 0n;
  const clean = redactor(redact);
  const root = spans[0];
  const service = resources
    .flatMap(({ resource }) => resource?.attributes ?? [])
    .find(({ key }) => key === "service.name");
  return {
    ordinals,
    case: {
      name: name ?? root?.name ?? "",
      traceId: root?.traceId ?? "",
      service: service === undefined ? "" : String(plain(service.value)),
      startTime: isoMicroseconds(first),
      redact,
      spans: spans.map((span) => caseSpan(span, ordinals, first, clean)),
    },
  };
}

function isWork({ name = "", endTimeUnixNano = 0n }: Span): boolean {
  return endTimeUnixNano !== 0n && name !== "spanhouse.close" && name !== "spanhouse.score";
}

function caseSpan(
  span: Span,
  ordinals: ReadonlyMap<string, number>,
  first: bigint,
  clean: (text: string) => string,
): CaseSpan {
  const texts: Partial<Record<CaseText, string>> = {};
  const attributes: Record<string, CaseAttribute> = {};
  for (const { key, value } of span.attributes ?? []) {
    const text = textOfAttribute.get(key);
    if (text !== undefined) texts[text] = clean(String(plain(value)));
    else if (!leftOut.has(key)) attributes[key] = cleaned(plain(value), clean);
  }
  return {
    span: ordinals.get(span.spanId ?? "") ?? 0,
    parent: ordinals.get(span.parentSpanId ?? "") ?? null,
    name: span.name ?? "",
    kind: span.kind ?? 0,
    ...(span.status?.code === 2 && { error: clean(span.status.message ?? "") }),
    attributes,
    texts,
    startUs: Number((startOf(span) - first) / 1000n),
    durationUs: Math.max(0, Number(((span.endTimeUnixNano ?? 0n) - startOf(span)) / 1000n)),
  };
}

function cleaned(value: CaseAttribute, clean: (text: string) => string): CaseAttribute {
  if (typeof value === "string") return clean(value);
  return Array.isArray(value) ? value.map(clean) : value;
}

/** Depth first, siblings by start; a parent that is not there is as none. */
function inTreeOrder(byId: ReadonlyMap<string, Span>): Span[] {
  const children = new Map<string, Span[]>();
  for (const span of byId.values()) {
    const parent = byId.has(span.parentSpanId ?? "") && span.parentSpanId !== span.spanId ? span.parentSpanId! : "";
    const known = children.get(parent);
    if (known) known.push(span);
    else children.set(parent, [span]);
  }
  for (const siblings of children.values()) siblings.sort(byStart);
  const order: Span[] = [];
  const pending = [...(children.get("") ?? [])].reverse();
  for (let span = pending.pop(); span !== undefined; span = pending.pop()) {
    order.push(span);
    pending.push(...(children.get(span.spanId ?? "") ?? []).toReversed());
  }
  return order;
}

function byStart(a: Span, b: Span): number {
  const [left, right] = [startOf(a), startOf(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function startOf(span: Span): bigint {
  return span.startTimeUnixNano ?? 0n;
}

function isoMicroseconds(nanos: bigint): string {
  const seconds = new Date(Number(nanos / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${((nanos / 1000n) % 1_000_000n).toString().padStart(6, "0")}Z`;
}

function plain(value: AnyValue): CaseAttribute {
  switch (value.type) {
    case "string":
    case "bool":
    case "double":
      return value.value;
    case "int":
      return Number.isSafeInteger(Number(value.value)) ? Number(value.value) : value.value.toString();
    case "array":
      return value.value.map((one) => String(plain(one)));
    case "kvlist":
      return JSON.stringify(objectOf(value.value));
    case "bytes":
      return Buffer.from(value.value).toString("base64");
    case "empty":
      return "";
  }
}

function objectOf(pairs: readonly KeyValue[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, plain(value)]));
}
