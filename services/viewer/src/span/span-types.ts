import type { components, operations } from "../api/openapi.d.ts";

export type SpanDetail = operations["getSpan"]["responses"][200]["content"]["application/json"];
export type SpanMessages = components["schemas"]["SpanMessages"];
export type Message = components["schemas"]["Message"];
export type Part = components["schemas"]["MessagePart"];
export type RetrievedDocument = components["schemas"]["RetrievedDocument"];

/** The texts of a span that have a route of their own. */
export const spanTexts = ["request", "response", "tool_arguments", "tool_result"] as const;
export type SpanText = (typeof spanTexts)[number];
