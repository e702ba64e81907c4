import type { BatchApi } from "../wrap/batch-results.ts";
import { anthropicMessages } from "./anthropic-messages.ts";
import { objectOf, wordOf } from "./json.ts";
import { memberText } from "./json-member.ts";

/** Anthropic's message batches. https://platform.claude.com/docs/en/build-with-claude/batch-processing */
export const anthropicBatches: BatchApi = {
  resultsAt: (path) => /\/messages\/batches\/([^/]+)\/results$/.exec(path)?.[1],
  tellsAt: (path) => /\/messages\/batches(\/[^/]+(\/cancel)?)?$/.test(path),
  resultIdsOf: (batch) => [wordOf(batch.id)],

  read(line, told) {
    const result = objectOf(told.result);
    const type = wordOf(result?.type);
    if (type === undefined) return undefined;
    const problem = objectOf(objectOf(result?.error)?.error) ?? objectOf(result?.error);
    const requestId = wordOf(objectOf(result?.error)?.request_id);
    return {
      customId: wordOf(told.custom_id),
      id: wordOf(objectOf(result?.message)?.id),
      api: anthropicMessages,
      body: memberText(memberText(line, "result") ?? "", type === "succeeded" ? "message" : "error"),
      status: undefined,
      requestId: requestId === undefined ? undefined : ["request-id", requestId],
      error:
        type === "succeeded"
          ? undefined
          : {
              type: wordOf(problem?.type) ?? type,
              message: wordOf(problem?.message) ?? `the request of the batch is ${type}`,
            },
    };
  },
};
