import type { RenderedSpan } from "../../src/messages/render-messages.ts";

/** A model call's span with the texts that a test is about; bodies are given as values. */
export function spanWith(
  texts: { readonly request?: unknown; readonly response?: unknown; readonly documents?: unknown },
  attributes: Readonly<Record<string, unknown>> = {},
  kind: Partial<RenderedSpan> = {},
): RenderedSpan {
  const text = (value: unknown) =>
    value === undefined ? null : typeof value === "string" ? value : JSON.stringify(value);
  return {
    role: "model",
    family: "generate",
    tool_name: "",
    tool_call_id: "",
    fidelity: "exact",
    request: text(texts.request),
    response: text(texts.response),
    documents: text(texts.documents),
    tool_arguments: null,
    tool_result: null,
    attributes: Object.entries(attributes).map(([key, value]) => ({ key, type: "string", value })),
    ...kind,
  };
}

/** The raw text of a text/event-stream. */
export function eventStream(events: readonly unknown[]): string {
  return `${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("")}data: [DONE]\n\n`;
}
