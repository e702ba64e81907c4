import { activeParent, runBelow } from "./context.ts";
import { tracer } from "./default-tracer.ts";
import { jsonText, plainText } from "./json-text.ts";
import { isPromise, runAsSpan } from "./run-as-span.ts";
import { type Span, spanKind } from "./span.ts";
import { putText, toldText } from "./texts.ts";
import type { WorldWork } from "./world.ts";

/** What is known of a tool beyond its name. */
export interface ToolOptions {
  /** The model's id of the call; or what finds it in the arguments. */
  readonly callId?: string | ((...args: readonly unknown[]) => string | undefined);
}

/**
 * A tool whose every call is a span `execute_tool NAME`, with its arguments, its result or its error. One argument is told by
 * itself, several as a list. Returns what the function returns, and throws what it throws. In a replay its answers can come
 * from the recording.
 */
export const tool = <Args extends unknown[], Result>(
  name: string,
  work: (...args: Args) => Result,
  options: ToolOptions = {},
): ((...args: Args) => Result) =>
  function tracedTool(this: unknown, ...args: Args): Result {
    const { callId } = options;
    const id = typeof callId === "function" ? callId(...args) : callId;
    const told = args.length === 1 ? args[0] : args;
    return runTool(name, id, args, told, returnsOf(work), () => work.apply(this, args));
  };

/** One call of a tool; `told` is what its arguments are said to be. */
export const runTool = <Result>(
  name: string,
  callId: string | undefined,
  args: readonly unknown[],
  told: unknown,
  returns: WorldWork["returns"],
  work: () => Result,
): Result => {
  const span = tracer().start(`execute_tool ${name}`, spanKind.internal, activeParent());
  span.set("gen_ai.operation.name", "execute_tool");
  span.set("gen_ai.tool.name", name);
  span.set("gen_ai.tool.type", "function");
  span.set("gen_ai.tool.call.id", callId);
  const asked = plainText(told);
  putText(span, "gen_ai.tool.call.arguments", asked);
  const answered = { kind: "tool", name, arguments: args, asked: asked ?? "", returns } as const;
  let promised = false;
  return runAsSpan(
    span,
    () =>
      runBelow(span, () => {
        const result = liveOrRecorded(span, answered, work);
        promised = returns === "value" && isPromise(result);
        return result;
      }),
    (result) => {
      putText(span, "gen_ai.tool.call.result", plainText(result));
      putShape(span, result, promised);
    },
  );
};

/** What its text does not say of a result, where it would be taken for something else. */
const putShape = (span: Span, result: unknown, promised: boolean): void => {
  const isText = typeof result === "string" && readsAsJson.test(result);
  if (promised || isText) span.set("spanhouse.result", `${promised ? "promise" : ""}${isText ? " text" : ""}`.trim());
};

const readsAsJson = /^\s*(?:[[{"\-\d]|(?:true|false|null)\s*$)/;

/** An async function says that it is one; a plain one that returns a promise is found out when it runs. */
export const returnsOf = (work: (...args: never[]) => unknown): WorldWork["returns"] => {
  switch (work.constructor.name) {
    case "AsyncFunction":
      return "promise";
    case "GeneratorFunction":
      return "iterator";
    case "AsyncGeneratorFunction":
      return "async iterator";
  }
  return "value";
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
 * returns: `RetrievedDocument`s, or what `documents` makes of its result. Returns and throws what the function does.
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
    const asked = plainText(args[0]);
    putText(span, "gen_ai.retrieval.query.text", asked);
    const returns = returnsOf(work);
    const answered = { kind: "retrieval", name, arguments: args, asked: asked ?? "", returns } as const;
    let promised = false;
    return runAsSpan(
      span,
      () =>
        runBelow(span, () => {
          const result = liveOrRecorded(span, answered, () => work.apply(this, args));
          promised = returns === "value" && isPromise(result);
          return result;
        }),
      (result) => {
        const found = jsonText(told(result as Awaited<Result>, documents));
        putText(span, "gen_ai.retrieval.documents", found);
        // The result in its own shape, where that is another one than the documents'.
        const whole = jsonText(result);
        if (whole !== found) putText(span, "spanhouse.output", whole);
        putShape(span, result, promised);
      },
    );
  };

const liveOrRecorded = <Result>(
  span: Span,
  answered: Omit<WorldWork, "traceId" | "spanId">,
  work: () => Result,
): Result => {
  const { traceId, spanId, tracer } = span;
  return tracer.settings.world.work({ ...answered, asked: toldText(span, answered.asked), traceId, spanId }, work);
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
