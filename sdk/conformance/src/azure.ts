import { openai } from "./openai.ts";
import type { Provider } from "./provider-api.ts";

/** Keys, headers and errors of Azure's OpenAI resources: OpenAI's, where nothing else is said. */
export const azure: Provider = {
  ...openai,
  name: "azure",
  key: (headers) => headers["api-key"]?.toString() ?? openai.key(headers),
  headers: ({ requestId, limited, inputTokens }) => ({
    "x-request-id": requestId,
    "apim-request-id": requestId,
    "x-ms-region": "Sweden Central",
    "x-ratelimit-remaining-requests": limited ? "0" : "499",
    "x-ratelimit-remaining-tokens": String(Math.max(0, 200_000 - inputTokens)),
  }),
  errorBody: ({ status, code, message }) => ({
    error: {
      message,
      type: null,
      param: code === "content_filter" ? "prompt" : null,
      code: code || String(status),
      ...(code === "content_filter"
        ? {
            status,
            innererror: {
              code: "ResponsibleAIPolicyViolation",
              content_filter_result: { violence: { filtered: true, severity: "medium" } },
            },
          }
        : {}),
    },
  }),
  defaultError: (status, model) => {
    if (status === 401) return { code: "401", message: "Access denied due to invalid subscription key." };
    if (status === 404)
      return { code: "DeploymentNotFound", message: `The API deployment ${model} for this resource does not exist.` };
    if (status === 429) return { code: "429", message: "Requests have exceeded the call rate limit of your tier." };
    return openai.defaultError(status, model);
  },
};
