import type { Provider } from "./provider-api.ts";

/** Keys, headers and errors of bedrock-runtime. The key is the id in a request's signature, which is not checked. */
export const amazon: Provider = {
  name: "amazon",
  key: (headers) => /^AWS4-HMAC-SHA256 Credential=([^/]+)\//.exec(String(headers.authorization ?? ""))?.[1],
  headers: ({ requestId }) => ({ "x-amzn-requestid": requestId }),
  errorHeaders: ({ code }) => ({ "x-amzn-errortype": code }),
  errorBody: ({ message }) => ({ message }),
  defaultError: (status, model) => {
    if (status === 401)
      return { code: "UnrecognizedClientException", message: "The security token included in the request is invalid." };
    if (status === 404) return { code: "ResourceNotFoundException", message: `Could not resolve ${model}.` };
    if (status === 429)
      return { code: "ThrottlingException", message: "Too many requests, please wait before trying again." };
    if (status >= 500) return { code: "InternalServerException", message: "The server has encountered an error." };
    return { code: "ValidationException", message: "The request was rejected by the simulator's script." };
  },
};
