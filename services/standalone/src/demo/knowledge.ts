import { SpanKind } from "@opentelemetry/api";
import type OpenAI from "openai";
import { type Article, articles } from "./shop.ts";
import type { Traced } from "./traced.ts";

const model = "text-embedding-3-small";

/** Searches the help articles: by words shared with the query first, by distance of embeddings among equals. */
export const createKnowledge = (openai: OpenAI, traced: Traced) => {
  const embed = (texts: readonly string[]): Promise<number[][]> =>
    traced(
      `embeddings ${model}`,
      { "gen_ai.operation.name": "embeddings", "gen_ai.provider.name": "openai", "gen_ai.request.model": model },
      async (span) => {
        const reply = await openai.embeddings.create({ model, input: [...texts], dimensions: 256 });
        span.setAttributes({
          "gen_ai.response.model": reply.model,
          "gen_ai.usage.input_tokens": reply.usage.prompt_tokens,
        });
        return reply.data.map(({ embedding }) => embedding);
      },
      SpanKind.CLIENT,
    );

  return (query: string): Promise<readonly Article[]> =>
    traced(
      "retrieval help-articles",
      {
        "gen_ai.operation.name": "retrieval",
        "gen_ai.data_source.id": "help-articles",
        "gen_ai.retrieval.query.text": query,
      },
      async (span) => {
        const [wanted = [], ...vectors] = await embed([query, ...articles.map(({ text }) => text)]);
        const found = articles
          .map((article, i) => ({ article, score: sharedWords(query, article) + cosine(wanted, vectors[i] ?? []) / 2 }))
          .sort((a, b) => b.score - a.score)
          .slice(0, 2);
        span.setAttribute(
          "gen_ai.retrieval.documents",
          JSON.stringify(found.map(({ article, score }) => ({ ...article, score: Number(score.toFixed(4)) }))),
        );
        return found.map(({ article }) => article);
      },
      SpanKind.CLIENT,
    );
};

const sharedWords = (query: string, { title, text }: Article): number => {
  const words = new Set(`${title} ${text}`.toLowerCase().match(/\w{5,}/g));
  return (query.toLowerCase().match(/\w{5,}/g) ?? []).filter((word) => words.has(word)).length;
};

/** Of unit vectors. */
const cosine = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
