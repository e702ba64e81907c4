import type { Provider } from "./provider-api.ts";

/** Keys, headers and errors of api.openai.com, as its documentation and live replies show them. */
export const openai: Provider = {
  name: "openai",
  key: (headers) => /^Bearer (.+)$/.exec(String(headers.authorization ?? ""))?.[1],
  headers: ({ requestId, processingMs, limited, inputTokens }) => ({
    "x-request-id": requestId,
    "openai-version": "2020-10-01",
    "openai-organization": "org-simulator",
    "openai-processing-ms": String(Math.round(processingMs)),
    "x-ratelimit-limit-requests": "500",
    "x-ratelimit-remaining-requests": limited ? "0" : "499",
    "x-ratelimit-reset-requests": limited ? "1s" : "120ms",
    "x-ratelimit-limit-tokens": "200000",
    "x-ratelimit-remaining-tokens": String(Math.max(0, 200_000 - inputTokens)),
    "x-ratelimit-reset-tokens": "6ms",
  }),
  errorBody: ({ status, code, message }) => ({
    error: { message, type: errorType(status), param: null, code: code || null },
  }),
  defaultError: (status, model) => {
    if (status === 401) return { code: "invalid_api_key", message: "Incorrect API key provided: ''." };
    if (status === 404)
      return {
        code: "model_not_found",
        message: `The model \`${model}\` does not exist or you do not have access to it.`,
      };
    if (status === 429)
      return {
        code: "rate_limit_exceeded",
        message: `Rate limit reached for ${model} in organization org-simulator on requests per min (RPM): Limit 500, Used 500, Requested 1.`,
      };
    if (status >= 500)
      return { code: "", message: "The server had an error while processing your request. Sorry about that!" };
    return { code: "", message: "The request was rejected by the simulator's script." };
  },
};

const errorType = (status: number): string => {
  if (status === 429) return "requests";
  return status >= 500 ? "server_error" : "invalid_request_error";
};
