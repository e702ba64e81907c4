import type { DecodedSpan } from "@spanhouse/schemas/otlp/decoded";
import { keyId } from "@spanhouse/schemas/otlp/key-registry";
import type { OutcomeSignals } from "@spanhouse/schemas/span";
import { AttributeReader } from "./attribute-reader.ts";
import type { DialectReading } from "./dialects/dialect-reader.ts";
import { clip } from "./short-text.ts";

const errorType = keyId("error.type");
const errorMessage = keyId("error.message");
/** The provider's own code, such as `content_filter`, beside the class's name that `error.type` has. */
const errorCode = keyId("spanhouse.error.code");
const httpStatus = keyId("http.response.status_code");
/** Until semantic conventions 1.23. */
const httpStatusLegacy = keyId("http.status_code");
const exceptionType = keyId("exception.type");
const exceptionMessage = keyId("exception.message");
const refusal = keyId("spanhouse.refusal");
const aborted = keyId("spanhouse.aborted");

/** How the call ended, from the span's status, its error and exception, and what dialect and body said. */
export function readSignals(span: DecodedSpan, attributes: AttributeReader, reading: DialectReading): OutcomeSignals {
  const exception = readException(span);
  const message = clip(exception?.message ?? attributes.text(errorMessage) ?? reading.error?.message ?? "");
  const words = message || span.statusMessage;
  const type = namedError(attributes.text(errorType) ?? exception?.type ?? reading.error?.type ?? "", words);
  const code = attributes.text(errorCode) ?? reading.error?.type ?? "";
  const refusalText = readRefusal(attributes);
  return {
    statusCode: span.statusCode,
    statusMessage: clip(span.statusMessage),
    errorType: clip(type),
    errorMessage: message,
    errorCode: code === "" || code === type ? undefined : clip(code),
    httpStatus: attributes.number(httpStatus, httpStatusLegacy) ?? reading.error?.status ?? statusIn(type, words),
    refusalText: refusalText ?? reading.refusal?.text ?? "",
    refusalExplicit: refusalText !== undefined || reading.refusal !== undefined,
    filtered: reading.filtered ? true : undefined,
    answerStart: reading.answer?.start ?? "",
    answerLength: reading.answer?.length ?? 0,
    hasToolCalls: reading.answer?.hasToolCalls ?? false,
    aborted: attributes.bool(aborted),
  };
}

/** Empty where the provider refused without a word: the attribute is there all the same. */
function readRefusal(attributes: AttributeReader): string | undefined {
  return attributes.text(refusal) ?? (attributes.has(refusal) ? "" : undefined);
}

/** The last exception: the one that ended the span, where retries recorded theirs before. */
function readException(span: DecodedSpan): { readonly type: string; readonly message: string | undefined } | undefined {
  const { events } = span;
  if (events.length === 0) return undefined;
  const event = events.findLast(({ name }) => name === "exception");
  if (!event) return undefined;
  const attributes = new AttributeReader(event.attributes);
  return { type: attributes.text(exceptionType) ?? "Error", message: attributes.text(exceptionMessage) };
}

/**
 * Semantic conventions let `error.type` be the HTTP status as text; the messages of the OpenAI and Anthropic SDKs begin
 * with it.
 */
function statusIn(type: string, message: string): number {
  if (/^[45]\d\d$/.test(type)) return Number(type);
  return type === "" ? 0 : Number(/^([45]\d\d) \S/.exec(message)?.[1] ?? 0);
}

/** The same SDKs' errors without a response: recorded as exceptions of JavaScript they are all called `Error`. */
const nameByMessage: ReadonlyMap<string, string> = new Map([
  ["Connection error.", "APIConnectionError"],
  ["Request timed out.", "APIConnectionTimeoutError"],
  ["Request was aborted.", "APIUserAbortError"],
]);

function namedError(type: string, message: string): string {
  return type === "" || type === "Error" ? (nameByMessage.get(message) ?? type) : type;
}
