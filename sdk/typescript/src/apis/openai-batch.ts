import type { BatchApi } from "../wrap/batch-results.ts";
import { type Json, numberOf, objectOf, wordOf } from "./json.ts";
import { memberText } from "./json-member.ts";
import { openaiChat, openaiCompletions } from "./openai-chat.ts";
import { openaiResponses } from "./openai-responses.ts";
import { openaiEmbeddings, openaiModerations } from "./openai-simple.ts";
import type { ProviderApi } from "./provider-api.ts";

/** OpenAI's batches: results are files, a line a request. https://platform.openai.com/docs/guides/batch */
export const openaiBatches: BatchApi = {
  resultsAt: (path) => /\/files\/([^/]+)\/content$/.exec(path)?.[1],
  tellsAt: (path) => /\/batches(\/[^/]+(\/cancel)?)?$/.test(path),
  resultIdsOf: (batch) => [wordOf(batch.output_file_id), wordOf(batch.error_file_id)],

  read(line, told) {
    const response = objectOf(told.response);
    // Other files are asked for by the same path, the input of a batch too.
    if (wordOf(told.custom_id) === undefined || (response === undefined && objectOf(told.error) === undefined)) {
      return undefined;
    }
    const body = objectOf(response?.body);
    const requestId = wordOf(response?.request_id);
    const status = numberOf(response?.status_code);
    const problem = objectOf(told.error) ?? (status !== undefined && status >= 400 ? objectOf(body?.error) : undefined);
    return {
      customId: wordOf(told.custom_id),
      id: wordOf(body?.id) ?? wordOf(told.id),
      api: apiOf(body),
      body: body && memberText(memberText(line, "response") ?? "", "body"),
      status,
      requestId: requestId === undefined ? undefined : ["x-request-id", requestId],
      error: problem && {
        type: wordOf(problem.code) ?? wordOf(problem.type) ?? "batch_error",
        message: wordOf(problem.message) ?? "the request of the batch failed",
      },
    };
  },
};

const apiOf = (body: Json | undefined): ProviderApi => {
  if (body?.object === "response") return openaiResponses;
  if (body?.object === "list") return openaiEmbeddings;
  if (body?.object === "text_completion") return openaiCompletions;
  return Array.isArray(body?.results) ? openaiModerations : openaiChat;
};
