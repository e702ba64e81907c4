import type { ErrorClass } from "@spanhouse/schemas/outcome";

/**
 * Names of errors as the SDKs of OpenAI and Anthropic, HTTP clients and providers' bodies spell them. The first that
 * fits counts: a connection timeout is a timeout.
 */
const byName: readonly (readonly [RegExp, ErrorClass])[] = [
  [/content_?(filter|policy|management)|responsible_?ai|moderation|guardrail|data_?inspection/i, "content_policy"],
  [/time(d)?_?out|deadline/i, "timeout"],
  [/rate_?limit|too_?many_?requests|throttl|quota|resource_?exhausted/i, "rate_limit"],
  [
    /authenti|unauthori|permission|forbidden|access_?denied|invalid_?api_?key|credential|expired_?token|unrecognized_?client/i,
    "authentication",
  ],
  [/connection|connect_error|network|socket|econn|enotfound|epipe|eai_again|dns|tls|ssl|certificate/i, "network"],
  [/fetch_?(error|failed)|premature_?close|protocol_?error|und_err/i, "network"],
  [
    /bad_?request|invalid|not_?found|unprocessable|validation|conflict|too_?(large|long)|unsupported|failed_?precondition|out_?of_?range/i,
    "invalid_request",
  ],
  [/context_?length|context_?window/i, "invalid_request"],
  [
    /internal|server_?error|service_?error|api_?error|overloaded|unavailable|bad_?gateway|model_?(error|not_?ready)|stream_?error/i,
    "server",
  ],
];

/** ECONNABORTED is a broken connection. */
const abortName = /(?<!conn_?)abort|cancell?ed|cancellation/i;

/** The caller gave up, as AbortController and the SDKs' APIUserAbortError say. */
export function isAbort(errorType: string): boolean {
  return abortName.test(errorType);
}

/**
 * From the HTTP status where there is one, else from the error's code or its class's name. A content policy has no status
 * of its own: the provider's code says it.
 */
export function errorClassOf(errorType: string, httpStatus: number, errorCode = ""): ErrorClass {
  const coded = namedBy(errorCode);
  const named = namedBy(errorType);
  if (coded === "content_policy" || named === "content_policy") return "content_policy";
  return byStatus(httpStatus) ?? coded ?? named ?? "unknown";
}

function namedBy(text: string): ErrorClass | undefined {
  return text === "" ? undefined : byName.find(([pattern]) => pattern.test(text))?.[1];
}

function byStatus(status: number): ErrorClass | undefined {
  if (status < 400 || status > 599) return undefined;
  switch (status) {
    case 401:
    case 403:
    case 407:
      return "authentication";
    case 408:
    case 504:
      return "timeout";
    case 429:
      return "rate_limit";
    default:
      return status < 500 ? "invalid_request" : "server";
  }
}
