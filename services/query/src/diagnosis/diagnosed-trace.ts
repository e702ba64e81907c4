import type { SpanDetail } from "@spanhouse/schemas/api/spans";
import { type JsonObject, objectOf, parseJson } from "@spanhouse/schemas/json-value";
import type { Part, Rendering } from "@spanhouse/schemas/messages/message";
import { renderMessages } from "@spanhouse/schemas/messages/render-messages";
import { unixNano } from "../time-range.ts";
import type { Baselines } from "./baselines.ts";

/** A span as the checks see it: its facts, its texts, and its texts as messages. */
export interface DiagnosedSpan {
  readonly facts: SpanDetail;
  readonly said: Rendering;
  /** The request where it is a JSON object. */
  readonly request: JsonObject;
  /** Unix ns. */
  readonly start: bigint;
  readonly end: bigint;
}

/** `after` was sent what `before` answered: they are turns of one conversation. */
export interface Turn {
  readonly before: DiagnosedSpan;
  readonly after: DiagnosedSpan;
}

/** Spans that count, by start. */
export interface DiagnosedTrace {
  readonly calls: readonly DiagnosedSpan[];
  readonly tools: readonly DiagnosedSpan[];
  readonly retrievals: readonly DiagnosedSpan[];
  readonly turns: readonly Turn[];
  /** All spans of the trace have ended and are here: what is missing is missing. */
  readonly whole: boolean;
  /** How long calls of its models took before; empty where nobody knows. */
  readonly baselines: Baselines;
}

export function diagnosedTrace(
  spans: readonly SpanDetail[],
  { whole, baselines }: Pick<DiagnosedTrace, "whole" | "baselines">,
): DiagnosedTrace {
  const all = spans.map(diagnosedSpan).sort(byStart);
  const of = (role: string) => all.filter(({ facts }) => facts.role === role);
  const calls = of("model");
  return { calls, tools: of("tool"), retrievals: of("retrieval"), turns: turnsOf(calls), whole, baselines };
}

function diagnosedSpan(facts: SpanDetail): DiagnosedSpan {
  const start = unixNano(facts.start_time);
  return {
    facts,
    said: renderMessages(facts),
    request: (facts.request === null ? undefined : objectOf(parseJson(facts.request))) ?? {},
    start,
    end: start + BigInt(facts.duration_us) * 1000n,
  };
}

function byStart(a: DiagnosedSpan, b: DiagnosedSpan): number {
  return a.start < b.start ? -1 : a.start > b.start ? 1 : a.facts.span_id < b.facts.span_id ? -1 : 1;
}

/** Each call with the latest one whose answer, or the result of whose tool call, is in its history. */
function turnsOf(calls: readonly DiagnosedSpan[]): Turn[] {
  const answered = new Map<string, DiagnosedSpan>();
  const turns: Turn[] = [];
  for (const after of calls) {
    const history = after.said.input.flatMap(({ role, parts }) => parts.flatMap((part) => heardKey(role, part)));
    const before = history
      .map((key) => answered.get(key))
      .findLast((call) => call !== undefined && call.end <= after.start);
    if (before) turns.push({ before, after });
    for (const part of after.said.output.flatMap(({ parts }) => parts)) {
      for (const key of saidKey(part)) answered.set(key, after);
    }
  }
  return turns;
}

function saidKey(part: Part): string[] {
  if (part.type === "text") return [`text ${part.content.trim()}`];
  return part.type === "tool_call" && part.id !== null ? [`call ${part.id}`] : [];
}

function heardKey(role: string, part: Part): string[] {
  if (part.type === "tool_call_response") return part.id === null ? [] : [`call ${part.id}`];
  return role === "assistant" || role === "model" ? saidKey(part) : [];
}
