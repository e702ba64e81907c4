import type { Provider } from "./provider-api.ts";

/** Keys, headers and errors of api.anthropic.com, as its documentation and live replies show them. */
export const anthropic: Provider = {
  name: "anthropic",
  key: (headers) => {
    const key = headers["x-api-key"] ?? /^Bearer (.+)$/.exec(String(headers.authorization ?? ""))?.[1];
    return key === undefined ? undefined : String(key);
  },
  headers: ({ requestId, limited, inputTokens, now }) => {
    const reset = new Date(Math.ceil(now.getTime() / 1000) * 1000).toISOString().replace(".000", "");
    return {
      "request-id": requestId,
      "anthropic-organization-id": "00000000-0000-4000-8000-000000000000",
      "anthropic-ratelimit-requests-limit": "4000",
      "anthropic-ratelimit-requests-remaining": limited ? "0" : "3999",
      "anthropic-ratelimit-requests-reset": reset,
      "anthropic-ratelimit-input-tokens-limit": "400000",
      "anthropic-ratelimit-input-tokens-remaining": String(Math.max(0, 400_000 - inputTokens)),
      "anthropic-ratelimit-input-tokens-reset": reset,
      "anthropic-ratelimit-output-tokens-limit": "80000",
      "anthropic-ratelimit-output-tokens-remaining": "80000",
      "anthropic-ratelimit-output-tokens-reset": reset,
    };
  },
  errorBody: ({ status, code, message, requestId }) => ({
    type: "error",
    error: { type: code || errorType(status), message },
    request_id: requestId,
  }),
  defaultError: (status, model) => {
    if (status === 401) return { code: "", message: "x-api-key header is required" };
    if (status === 404) return { code: "", message: `model: ${model}` };
    if (status === 429)
      return {
        code: "",
        message: "This request would exceed your organization's rate limit of 4,000 requests per minute.",
      };
    if (status === 529) return { code: "", message: "Overloaded" };
    if (status >= 500) return { code: "", message: "Internal server error" };
    return { code: "", message: "The request was rejected by the simulator's script." };
  },
};

const errorTypes: Readonly<Record<number, string>> = {
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  529: "overloaded_error",
};

const errorType = (status: number): string =>
  errorTypes[status] ?? (status >= 500 ? "api_error" : "invalid_request_error");
