import { activeParent, runBelow } from "./context.ts";
import { tracer } from "./default-tracer.ts";
import { jsonText, plainText } from "./json-text.ts";
import { runAsSpan } from "./run-as-span.ts";
import { type Span, spanKind } from "./span.ts";
import { putText } from "./texts.ts";

export interface ToolOptions {
  /** The model's id of the call; or what finds it in the arguments. */
  readonly callId?: string | ((...args: readonly unknown[]) => string | undefined);
}

/**
 * A tool whose every call is a span `execute_tool NAME`, with its arguments, its result or its error. One argument is told by
 * itself, several as a list. In a replay its answers can come from the recording.
 */
export const tool = <Args extends unknown[], Result>(
  name: string,
  work: (...args: Args) => Result,
  options: ToolOptions = {},
): ((...args: Args) => Result) =>
  function tracedTool(this: unknown, ...args: Args): Result {
    const { callId } = options;
    const id = typeof callId === "function" ? callId(...args) : callId;
    return runTool(name, id, args, args.length === 1 ? args[0] : args, () => work.apply(this, args));
  };

/** One call of a tool; `told` is what its arguments are said to be. */
export const runTool = <Result>(
  name: string,
  callId: string | undefined,
  args: readonly unknown[],
  told: unknown,
  work: () => Result,
): Result => {
  const span = tracer().start(`execute_tool ${name}`, spanKind.internal, activeParent());
  span.set("gen_ai.operation.name", "execute_tool");
  span.set("gen_ai.tool.name", name);
  span.set("gen_ai.tool.type", "function");
  span.set("gen_ai.tool.call.id", callId);
  putText(span, "gen_ai.tool.call.arguments", plainText(told));
  return runAsSpan(
    span,
    () => runBelow(span, () => liveOrRecorded(span, "tool", name, args, work)),
    (result) => putText(span, "gen_ai.tool.call.result", plainText(result)),
  );
};

/** What a retriever found. Anything else that it returns is told as it is, as `content`. */
export interface RetrievedDocument {
  readonly id?: string;
  readonly score?: number;
  readonly content?: string;
  readonly source?: string;
  readonly metadata?: unknown;
}

/**
 * A retriever whose every call is a span `retrieval NAME`, with the query (its first argument) and the documents that it
 * returns: `RetrievedDocument`s, or what `documents` makes of its result.
 */
export const retrieval = <Args extends unknown[], Result>(
  name: string,
  work: (...args: Args) => Result,
  documents: (result: Awaited<Result>) => readonly unknown[] = (result) => (Array.isArray(result) ? result : [result]),
): ((...args: Args) => Result) =>
  function tracedRetrieval(this: unknown, ...args: Args): Result {
    const span = tracer().start(`retrieval ${name}`, spanKind.client, activeParent());
    span.set("gen_ai.operation.name", "retrieval");
    span.set("gen_ai.data_source.id", name);
    putText(span, "gen_ai.retrieval.query.text", plainText(args[0]));
    return runAsSpan(
      span,
      () => runBelow(span, () => liveOrRecorded(span, "retrieval", name, args, () => work.apply(this, args))),
      (result) => putText(span, "gen_ai.retrieval.documents", jsonText(told(result as Awaited<Result>, documents))),
    );
  };

const liveOrRecorded = <Result>(
  span: Span,
  kind: "tool" | "retrieval",
  name: string,
  args: readonly unknown[],
  work: () => Result,
): Result => {
  const { traceId, spanId, tracer } = span;
  return tracer.settings.world.work({ kind, name, arguments: args, traceId, spanId }, work);
};

const told = <Result>(result: Result, documents: (result: Result) => readonly unknown[]): readonly unknown[] => {
  try {
    return documents(result).map((document) =>
      typeof document === "object" && document !== null ? document : { content: plainText(document) },
    );
  } catch {
    return [];
  }
};
