import { objectOf, parseJson } from "@spanhouse/schemas/json-value";
import type { DiagnosedSpan } from "./diagnosed-trace.ts";
import { answerText, calledTools, systemTexts, userTexts } from "./message-texts.ts";

/** What the request says of the form of the answer. `schema` is undefined where any JSON will do. */
export interface AskedForm {
  readonly schema: unknown;
  /** In a field of its own, which providers hold to; else only in words. */
  readonly declared: boolean;
}

const inWords = /\b(?:only|just|valid|raw|strictly)\b[^.\n]{0,30}\bJSON\b|\bJSON\b[^.\n]{0,30}\bonly\b/i;

export function askedForm({ request, said }: DiagnosedSpan): AskedForm | undefined {
  const config = objectOf(request.generationConfig) ?? objectOf(request.config) ?? {};
  const format =
    objectOf(request.response_format) ??
    objectOf(objectOf(request.text)?.format) ??
    objectOf(request.output_format) ??
    objectOf(objectOf(request.output_config)?.format);
  if (format?.type === "json_schema") {
    return { schema: objectOf(format.json_schema)?.schema ?? format.schema, declared: true };
  }
  if (format?.type === "json_object") return { schema: undefined, declared: true };
  if ((config.responseMimeType ?? config.response_mime_type) === "application/json") {
    return { schema: config.responseJsonSchema ?? config.responseSchema ?? config.response_schema, declared: true };
  }
  const lastWords = [...systemTexts(said), userTexts(said).at(-1) ?? ""];
  return lastWords.some((text) => inWords.test(text)) ? { schema: undefined, declared: false } : undefined;
}

/** The text of an answer that is whole and meant as one; undefined for tool calls, refusals and what was cut. */
export function wholeAnswer({ facts, said }: DiagnosedSpan): string | undefined {
  if (facts.outcome !== "ok" || facts.refusal !== "none" || calledTools(said).length > 0) return undefined;
  return answerText(said).trim() || undefined;
}

const fence = /^[^{[]*?```(?:json|JSON)?[ \t]*\n([\s\S]*?)\n?[ \t]*```/;

/** The JSON in a fence of an answer; undefined where it has none. */
export function fencedJson(answer: string): { readonly value: unknown } | undefined {
  const inner = fence.exec(answer)?.[1];
  const value = inner === undefined ? undefined : parseJson(inner);
  return value === undefined ? undefined : { value };
}
