import type { AttributeList, AttributeValue } from "./attributes.ts";
import { activeParent, activeSpan, runBelow } from "./context.ts";
import { tracer } from "./default-tracer.ts";
import { jsonText } from "./json-text.ts";
import { runAsSpan } from "./run-as-span.ts";
import { type Parent, type Span, spanKind } from "./span.ts";
import { putText } from "./texts.ts";

/** What holds for a trace and all below it, and what is said of its root. */
export interface TraceOptions {
  /** Of the person served, by your own id: spend and erasure go by it. */
  readonly userId?: string;
  /** All traces of one conversation say the same. */
  readonly conversationId?: string;
  /** The part of the product that spends. */
  readonly feature?: string;
  /** Who owns what is spent. */
  readonly team?: string;
  /** Where it is booked. */
  readonly costCentre?: string;
  /** The prompt template that the calls below are made from. */
  readonly prompt?: { readonly name: string; readonly version?: string };
  /** Of this span alone, to find it by. */
  readonly tags?: readonly string[];
  /** Told as it is where it is a text, a number or a boolean, else as JSON. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Any value; told as JSON. */
  readonly input?: unknown;
  /** What `inject` gave, from another process: the trace goes on there. */
  readonly parent?: Parent;
}

/** The same of a span, and what it is. */
export interface SpanOptions extends TraceOptions {
  /** An agent's invocation, and no mere step. */
  readonly kind?: "agent";
}

/** The span that is active, as its program sees it. What is said after its end is lost. */
export interface ActiveSpan {
  /** 32 lowercase hex digits. */
  readonly traceId: string;
  /** 16 lowercase hex digits. */
  readonly spanId: string;
  /** Any attribute; a name that was said before is said anew. */
  setAttribute(name: string, value: AttributeValue): void;
  /** Any value; told as JSON. */
  setInput(value: unknown): void;
  /** The same of what came out. */
  setOutput(value: unknown): void;
  /** Says that it failed, though nothing was thrown. */
  setError(error: unknown): void;
}

/**
 * Runs the call as a trace: model calls, tools and spans in it, however deep and asynchronous, are below it. Within another
 * trace it is a span of that. Returns what the call returns; what it throws is told and thrown on.
 */
export function trace<Result>(name: string, call: (span: ActiveSpan) => Result): Result;
export function trace<Result>(name: string, options: TraceOptions, call: (span: ActiveSpan) => Result): Result;
export function trace<Result>(
  name: string,
  optionsOrCall: TraceOptions | ((span: ActiveSpan) => Result),
  call?: (span: ActiveSpan) => Result,
): Result {
  return typeof optionsOrCall === "function" ? run(name, {}, optionsOrCall) : run(name, optionsOrCall, call!);
}

/** The same for a step of a trace; with `kind: "agent"` for an agent, named `invoke_agent NAME`. */
export function span<Result>(name: string, call: (span: ActiveSpan) => Result): Result;
export function span<Result>(name: string, options: SpanOptions, call: (span: ActiveSpan) => Result): Result;
export function span<Result>(
  name: string,
  optionsOrCall: SpanOptions | ((span: ActiveSpan) => Result),
  call?: (span: ActiveSpan) => Result,
): Result {
  return typeof optionsOrCall === "function" ? run(name, {}, optionsOrCall) : run(name, optionsOrCall, call!);
}

/**
 * A function whose every call is a span, with its arguments and what it returns. Named after it, or as given. Returns what it
 * returns, and throws what it throws.
 */
export const traced = <Args extends unknown[], Result>(
  work: (...args: Args) => Result,
  name: string = work.name || "anonymous",
): ((...args: Args) => Result) =>
  function tracedCall(this: unknown, ...args: Args): Result {
    const step = tracer().start(name, spanKind.internal, activeParent());
    putText(step, "spanhouse.input", jsonText(args));
    return runAsSpan(
      step,
      () => runBelow(step, () => work.apply(this, args)),
      (result) => putText(step, "spanhouse.output", jsonText(result)),
    );
  };

/** The active span of ours; undefined outside of any. Never throws. */
export const currentSpan = (): ActiveSpan | undefined => {
  const active = activeSpan();
  return active && handleOf(active);
};

const run = <Result>(name: string, options: SpanOptions, call: (span: ActiveSpan) => Result): Result => {
  const parent = options.parent ?? activeParent();
  const isAgent = options.kind === "agent";
  const step = tracer().start(
    isAgent ? `invoke_agent ${name}` : name,
    spanKind.internal,
    parent,
    inheritedBy(options, parent),
  );
  if (isAgent) {
    step.set("gen_ai.operation.name", "invoke_agent");
    step.set("gen_ai.agent.name", name);
  }
  if (options.tags !== undefined && options.tags.length > 0) step.set("spanhouse.tags", options.tags.map(String));
  for (const [key, value] of Object.entries(options.metadata ?? {})) {
    step.set(`spanhouse.metadata.${key}`, isScalar(value) ? value : jsonText(value));
  }
  if (options.input !== undefined) putText(step, "spanhouse.input", jsonText(options.input));
  return runAsSpan(step, () => runBelow(step, () => call(handleOf(step))));
};

const isScalar = (value: unknown): value is string | number | boolean =>
  typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);

/** What stood above, with what is said here in its place. */
const inheritedBy = (options: TraceOptions, parent: Parent | undefined): AttributeList => {
  const said: AttributeList = [];
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined) said.push(name, String(value));
  };
  add("user.id", options.userId);
  add("gen_ai.conversation.id", options.conversationId);
  add("spanhouse.feature", options.feature);
  add("spanhouse.team", options.team);
  add("spanhouse.cost_centre", options.costCentre);
  add("gen_ai.prompt.name", options.prompt?.name);
  add("gen_ai.prompt.version", options.prompt?.version);
  const above = parent?.inherited ?? [];
  if (said.length === 0) return above;
  for (let i = 0; i < above.length; i += 2) {
    if (!said.includes(above[i]!)) said.push(above[i]!, above[i + 1]!);
  }
  return said;
};

const handleOf = (of: Span): ActiveSpan => ({
  traceId: of.traceId,
  spanId: of.spanId,
  setAttribute: (name, value) => of.replace(name, value),
  setInput: (value) => putText(of, "spanhouse.input", jsonText(value)),
  setOutput: (value) => putText(of, "spanhouse.output", jsonText(value)),
  setError: (error) => of.fail(error),
});
