import { type JsonObject, objectOf, wordOf } from "@spanhouse/schemas/json-value";
import type { BodyReading } from "./body-reading.ts";

/** `{error: {type, code, message}}` of OpenAI and those compatible, `{type: "error", error: {…}}` of Anthropic. */
export function isErrorBody(body: JsonObject): boolean {
  return objectOf(body.error) !== undefined || body.type === "error";
}

export function readErrorBody(body: JsonObject): BodyReading {
  const error = objectOf(body.error) ?? body;
  return {
    error: { type: wordOf(error.code) ?? wordOf(error.type) ?? "", message: wordOf(error.message) ?? "" },
  };
}
