import { type JsonObject, objectOf, objectsOf, wordOf } from "@spanhouse/schemas/json-value";
import type { BodyReading } from "./body-reading.ts";

/**
 * `{error: {type, code, message}}` of OpenAI and those compatible, `{type: "error", error: {…}}` of Anthropic,
 * `{error: {code: 429, status, message}}` of Google, `{object: "error", …}` of Mistral and vLLM, `{__type, message}` of
 * AWS.
 */
export function isErrorBody(body: JsonObject): boolean {
  return objectOf(body.error) !== undefined || isFlat(body);
}

function isFlat(body: JsonObject): boolean {
  return body.type === "error" || body.object === "error" || typeof body.__type === "string";
}

export function readErrorBody(body: JsonObject): BodyReading {
  const error = objectOf(body.error) ?? body;
  const type = wordOf(error.code) ?? wordOf(error.status) ?? wordOf(error.__type) ?? wordOf(error.type) ?? "";
  const status = [error.code, error.status, body.status].find(isErrorStatus);
  const filtered = objectsOf([objectOf(error.innererror)]).some(({ content_filter_result }) => content_filter_result);
  return {
    error: {
      // AWS names an exception with its namespace.
      type: type === "error" ? "" : type.slice(type.lastIndexOf("#") + 1),
      message: wordOf(error.message) ?? wordOf(error.Message) ?? "",
      ...(status === undefined ? {} : { status }),
    },
    ...(filtered ? { filtered } : {}),
  };
}

function isErrorStatus(status: unknown): status is number {
  return typeof status === "number" && status >= 400 && status <= 599;
}
