import type { Message, Part, Rendering } from "@spanhouse/schemas/messages/message";

export type ToolCallPart = Extract<Part, { readonly type: "tool_call" }>;

const systemRoles = new Set(["system", "developer"]);

export function textsOf(parts: readonly Part[]): string[] {
  return parts.flatMap((part) => (part.type === "text" ? [part.content] : []));
}

/** Instructions, given apart or in the history. */
export function systemTexts({ system, input }: Rendering): string[] {
  return [
    ...textsOf(system),
    ...input.filter(({ role }) => systemRoles.has(role)).flatMap(({ parts }) => textsOf(parts)),
  ];
}

export function conversation({ input }: Rendering): Message[] {
  return input.filter(({ role }) => !systemRoles.has(role));
}

export function userTexts({ input }: Rendering): string[] {
  return input.filter(({ role }) => role === "user").flatMap(({ parts }) => textsOf(parts));
}

/** Of the first answer. */
export function answerText({ output }: Rendering): string {
  return textsOf(output[0]?.parts ?? []).join("");
}

export function calledTools({ output }: Rendering): ToolCallPart[] {
  return output.flatMap(({ parts }) => parts.filter((part) => part.type === "tool_call"));
}

/** All that a call was told: instructions, history, results of tools. */
export function everythingHeard({ system, input }: Rendering): string {
  return [...system, ...input.flatMap(({ parts }) => parts)].map(partText).join("\n");
}

export function partText(part: Part): string {
  if (part.type === "text" || part.type === "reasoning" || part.type === "refusal") return part.content;
  if (part.type === "tool_call_response") return plain(part.response);
  return part.type === "tool_call" ? plain(part.arguments) : "";
}

export function plain(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

/** JSON with its keys in order: equal for equal values. */
export function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, held: unknown) =>
      typeof held === "object" && held !== null && !Array.isArray(held)
        ? Object.fromEntries(Object.entries(held).sort(([a], [b]) => (a < b ? -1 : 1)))
        : held,
    ) ?? ""
  );
}
