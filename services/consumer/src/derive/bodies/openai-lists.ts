import { countOf, objectOf, objectsOf, wordOf } from "@spanhouse/schemas/json-value";
import type { BodyFormat } from "./body-reading.ts";

/**
 * Embeddings of OpenAI and those compatible (Mistral, Voyage, Jina, vLLM), reranks of Voyage and Jina, and moderations:
 * lists of what is no answer. A moderation has no usage, as it is free.
 * https://platform.openai.com/docs/api-reference/embeddings/object
 */
export const openaiLists: BodyFormat = {
  recognises: (body) =>
    objectsOf(body.data).some(({ embedding, relevance_score }) => (embedding ?? relevance_score) !== undefined) ||
    objectsOf(body.results).some(
      ({ category_scores, relevance_score }) => (category_scores ?? relevance_score) !== undefined,
    ),

  read([body = {}]) {
    const usage = objectOf(body.usage);
    const total = countOf(usage?.total_tokens);
    return {
      responseId: wordOf(body.id),
      responseModel: wordOf(body.model),
      usage: usage && {
        input: countOf(usage.prompt_tokens) ?? countOf(usage.input_tokens) ?? total,
        output: countOf(usage.completion_tokens) ?? 0,
        units: { input_images: countOf(usage.image_count) },
      },
    };
  },
};
