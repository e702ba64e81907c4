import type { Fidelity, Role } from "./span.ts";

/** What of a span tells about tools. Times are Unix nanoseconds. */
export interface ToolFacts {
  readonly spanId: string;
  readonly role: Role;
  readonly startTime: bigint;
  /** The texts of a call: where they are absent or redacted, what its request brought back is not known. */
  readonly fidelity: Fidelity;
  /** Of a tool's span. */
  readonly toolName: string;
  readonly toolCallId: string;
  /** Of a call's answer. */
  readonly calls: readonly { readonly id: string; readonly name: string }[];
  /** Of a call's request: by id, or by the tool's name where there is none. */
  readonly results: readonly string[];
}

/**
 * What a trace should have and has not. `tool_span`: the answer of `spanId` calls a tool that no span shows;
 * `returned` says that its result came back to the model, so that it did run. `tool_result`: the tool of `spanId` was
 * called by a model, and no later request brings its result back.
 */
export type MissingTool =
  | {
      readonly kind: "tool_span";
      readonly spanId: string;
      readonly toolName: string;
      readonly toolCallId: string;
      readonly returned: boolean;
    }
  | { readonly kind: "tool_result"; readonly spanId: string; readonly toolName: string; readonly toolCallId: string };

/** So many results a span remembers of a request; one that has so many may have brought back others too. */
const resultLimit = 32;

/**
 * Tool calls without a span, and results that no model saw: a function of the trace's spans alone, aggregates and void
 * rows left out. A span belongs to a call by its id; where one of the two has none, by name and time. A conversation that
 * goes on in another trace, or a person who has to agree first, looks like something missing: a hint, no error.
 */
export function missingTools(spans: readonly ToolFacts[]): MissingTool[] {
  const calls = spans.filter(({ role }) => role === "model").sort(byStart);
  const tools = spans.filter(({ role }) => role === "tool").sort(byStart);
  const returned = new Set(calls.flatMap(({ results }) => results));
  const spansOf = indexOf(tools);

  const missing: MissingTool[] = [];
  const asked = new Map<ToolFacts, { readonly id: string; readonly name: string }>();
  for (const call of calls) {
    for (const { id, name } of call.calls) {
      const tool = spansOf.take(id, name, call.startTime);
      if (tool) asked.set(tool, { id, name });
      else {
        const cameBack = returned.has(id || name);
        missing.push({ kind: "tool_span", spanId: call.spanId, toolName: name, toolCallId: id, returned: cameBack });
      }
    }
  }

  const lastUnknown = calls.findLast(({ fidelity, results }) => isUnknown(fidelity) || results.length >= resultLimit);
  for (const tool of tools) {
    const by = asked.get(tool);
    const id = by?.id || tool.toolCallId;
    if (by === undefined && id === "") continue;
    if (returned.has(id) || returned.has(by?.name ?? tool.toolName)) continue;
    if (lastUnknown !== undefined && lastUnknown.startTime >= tool.startTime) continue;
    missing.push({ kind: "tool_result", spanId: tool.spanId, toolName: tool.toolName, toolCallId: id });
  }
  return missing;
}

function isUnknown(fidelity: Fidelity): boolean {
  return fidelity === "absent" || fidelity === "redacted";
}

function byStart(a: ToolFacts, b: ToolFacts): number {
  return a.startTime < b.startTime ? -1 : a.startTime > b.startTime ? 1 : a.spanId < b.spanId ? -1 : 1;
}

/** Tools by id and by name, in the order of their start; each is given out once. Calls ask in the order of theirs. */
function indexOf(tools: readonly ToolFacts[]) {
  const byId = new Map<string, ToolFacts[]>();
  const withoutId = new Map<string, ToolFacts[]>();
  const byName = new Map<string, ToolFacts[]>();
  // Backwards, so that the earliest is the last of its list.
  for (const tool of tools.toReversed()) {
    if (tool.toolCallId === "") put(withoutId, tool.toolName, tool);
    else put(byId, tool.toolCallId, tool);
    put(byName, tool.toolName, tool);
  }
  const given = new Set<ToolFacts>();
  const next = (list: ToolFacts[] | undefined, from: bigint): ToolFacts | undefined => {
    // What began before this call began before all later ones too.
    while (list?.length && (given.has(list.at(-1)!) || list.at(-1)!.startTime < from)) list.pop();
    return list?.pop();
  };
  return {
    take(id: string, name: string, from: bigint): ToolFacts | undefined {
      // Ids are sure whatever the clocks say; a provider without them leaves the name of any span.
      const tool = id === "" ? next(byName.get(name), from) : (byId.get(id)?.pop() ?? next(withoutId.get(name), from));
      if (tool) given.add(tool);
      return tool;
    },
  };
}

function put(index: Map<string, ToolFacts[]>, key: string, tool: ToolFacts): void {
  const list = index.get(key);
  if (list) list.push(tool);
  else index.set(key, [tool]);
}
