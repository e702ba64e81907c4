import { type JsonObject, listOf, objectOf, objectsOf, wordOf } from "../json-value.ts";
import type { RetrievedDocument } from "./message.ts";
import type { MessageReader } from "./message-reader.ts";
import { unwrapped } from "./parts.ts";

/**
 * A document as retrievers write it: `{id, score, content, source, metadata}` of our SDKs and the semantic conventions,
 * OpenInference's `{document: {…}}`, LangChain's `{page_content, metadata}`, hits with `text` and `title`.
 */
export function documentOf(entry: JsonObject): RetrievedDocument {
  const said = objectOf(entry.document) ?? entry;
  const kwargs = objectOf(said.kwargs) ?? said;
  const metadata = objectOf(unwrapped(kwargs.metadata)) ?? {};
  const score = entry.score ?? said.score ?? entry.relevance_score ?? metadata.score;
  const content = kwargs.content ?? kwargs.page_content ?? kwargs.pageContent ?? kwargs.text;
  const source = kwargs.source ?? metadata.source ?? kwargs.url ?? kwargs.uri ?? metadata.url;
  const id = kwargs.id ?? metadata.id;
  return {
    id: typeof id === "number" ? String(id) : (wordOf(id) ?? null),
    score: typeof score === "number" ? score : null,
    content:
      content === undefined || content === null
        ? null
        : typeof content === "string"
          ? content
          : JSON.stringify(content),
    source: wordOf(source) ?? null,
    metadata,
  };
}

/** A list of documents, by itself or under `documents`. */
export function documentsOf(value: unknown): RetrievedDocument[] {
  const list = Array.isArray(value) ? value : (objectOf(value)?.documents ?? objectOf(value)?.results);
  return listOf(list).map((entry) => {
    const said = objectOf(unwrapped(entry));
    return documentOf(said ?? { content: entry });
  });
}

/** Rerankers: a query and documents go in, positions with scores come out; the answer's order is the ranking. */
export const rerank: MessageReader = {
  format: "rerank",

  prompt(body) {
    const documents = body.documents ?? body.texts ?? body.passages;
    return typeof body.query === "string" && Array.isArray(documents)
      ? { query: body.query, documents: documentsOf(documents) }
      : undefined;
  },

  answer(bodies) {
    const results = bodies.flatMap((body) => objectsOf(body.results ?? body.data));
    const ranked = results.filter(
      ({ index, relevance_score, score }) => index !== undefined && (relevance_score ?? score) !== undefined,
    );
    if (ranked.length === 0) return undefined;
    return {
      documents: ranked.map((result) => {
        const held = typeof result.document === "string" ? { document: { text: result.document } } : {};
        const document = documentOf({ ...result, ...held });
        return { ...document, metadata: { ...document.metadata, index: result.index } };
      }),
    };
  },
};
