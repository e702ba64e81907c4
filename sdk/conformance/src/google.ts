import type { Provider } from "./provider-api.ts";

/** Keys, headers and errors of generativelanguage.googleapis.com. */
export const google: Provider = {
  name: "google",
  key: (headers) => headers["x-goog-api-key"]?.toString(),
  headers: ({ processingMs }) => ({ "server-timing": `gfet4t7; dur=${Math.round(processingMs)}` }),
  errorBody: ({ status, code, message }) => ({ error: { code: status, message, status: code } }),
  defaultError: (status, model) => {
    if (status === 401) return { code: "UNAUTHENTICATED", message: "API key not valid. Please pass a valid API key." };
    if (status === 404) return { code: "NOT_FOUND", message: `models/${model} is not found for API version v1beta.` };
    if (status === 429) return { code: "RESOURCE_EXHAUSTED", message: "You exceeded your current quota." };
    if (status >= 500) return { code: "INTERNAL", message: "An internal error has occurred." };
    return { code: "INVALID_ARGUMENT", message: "The request was rejected by the simulator's script." };
  },
};
