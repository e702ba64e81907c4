import { type Json, objectOf, objectsOf, wordOf } from "../apis/json.ts";
import { runTool } from "../tool.ts";

type AnyFunction = (...args: unknown[]) => unknown;

interface Runner {
  readonly messages?: unknown;
}

/**
 * The body of OpenAI's `runTools`, its tools as tool spans. A tool made by a schema helper keeps its function and parser in
 * hidden fields (`openai/lib/parser`): it becomes the plain one that the runner would make of it.
 */
export const withTracedFunctions = (body: unknown): unknown => {
  const tools = objectOf(body)?.tools;
  if (!Array.isArray(tools)) return body;
  return { ...(body as object), tools: tools.map((tool: unknown) => tracedFunctionTool(tool)) };
};

const tracedFunctionTool = (tool: unknown): unknown => {
  const { function: definition, $callback: callback, $parseRaw: parse } = (tool ?? {}) as Json;
  const told = objectOf(definition);
  const work = told?.function ?? callback;
  if (told === undefined || typeof work !== "function") return tool;
  const name = wordOf(told.name) ?? (work.name || "anonymous");
  const traced = (args: unknown, runner: Runner | undefined): unknown =>
    runTool(name, callIdIn(runner, name), [args], args, "promise", () => (work as AnyFunction)(args, runner));
  Object.defineProperty(traced, "name", { value: name });
  return {
    ...(tool as object),
    function: { ...told, function: traced, ...(typeof parse === "function" ? { parse } : {}) },
  };
};

/** The runner does not say which call it runs: where the last answer calls the tool once, it is that. */
const callIdIn = (runner: Runner | undefined, name: string): string | undefined => {
  const answer = objectsOf(runner?.messages).findLast((message) => message.role === "assistant");
  const calls = objectsOf(answer?.tool_calls).filter((call) => objectOf(call.function)?.name === name);
  return calls.length === 1 ? wordOf(calls[0]?.id) : undefined;
};

/** The body of Anthropic's `toolRunner`, its tools as tool spans. */
export const withTracedRuns = (body: unknown): unknown => {
  const tools = objectOf(body)?.tools;
  if (!Array.isArray(tools)) return body;
  return { ...(body as object), tools: tools.map((tool: unknown) => tracedRun(tool)) };
};

const tracedRun = (tool: unknown): unknown => {
  const { run, name } = (objectOf(tool) ?? {}) as { readonly run?: unknown; readonly name?: unknown };
  if (typeof run !== "function" || typeof name !== "string") return tool;
  const traced = (input: unknown, context?: unknown): unknown => {
    const { toolUseBlock, toolUse } = (objectOf(context) ?? {}) as Json;
    const callId = wordOf(objectOf(toolUseBlock ?? toolUse)?.id);
    return runTool(name, callId, [input], input, "promise", () => run.call(tool, input, context));
  };
  // Whatever else the tool is, it stays.
  return new Proxy(tool as object, {
    get: (target, key) => (key === "run" ? traced : Reflect.get(target, key)),
  });
};

/** Replaces a method of a resource by one that changes its first argument. */
export const changeArgument = (resource: unknown, method: string, change: (body: unknown) => unknown): void => {
  const original = (resource as Json | undefined)?.[method];
  if (typeof original !== "function") return;
  Object.defineProperty(resource, method, {
    value(this: unknown, body: unknown, ...rest: unknown[]) {
      return original.call(this, change(body), ...rest);
    },
    writable: true,
    configurable: true,
    enumerable: false,
  });
};
