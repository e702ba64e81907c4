import type { Span } from "../span.ts";
import { numberOf } from "./json.ts";

/** Tokens in inclusive terms, as far as the provider says them: input includes the cache, output the reasoning. */
export interface Usage {
  readonly input?: unknown;
  readonly output?: unknown;
  readonly cacheRead?: unknown;
  readonly cacheWrite?: unknown;
  readonly reasoning?: unknown;
}

export const setUsage = (span: Span, usage: Usage): void => {
  span.set("gen_ai.usage.input_tokens", numberOf(usage.input));
  span.set("gen_ai.usage.output_tokens", numberOf(usage.output));
  span.set("gen_ai.usage.cache_read.input_tokens", numberOf(usage.cacheRead));
  span.set("gen_ai.usage.cache_write.input_tokens", numberOf(usage.cacheWrite));
  span.set("gen_ai.usage.reasoning.output_tokens", numberOf(usage.reasoning));
};
