import type { TokenCounts } from "../usage.ts";

/** Scopes of instrumentations that never tell how much of the input was cached, as their recordings show. */
const scopes: ReadonlySet<string> = new Set([
  "@opentelemetry/instrumentation-openai",
  "opentelemetry.instrumentation.openai_v2",
  "opentelemetry.util.genai.handler",
]);

/** No provider caches a shorter prompt. */
export const leastCachedPrompt = 1024;

/** Whether some of the input may have been cached, cheaper, and the span would not say. */
export function leavesCacheUntold(scope: string, usage: TokenCounts | undefined): boolean {
  return scopes.has(scope) && usage?.cacheRead === undefined && (usage?.input ?? 0) >= leastCachedPrompt;
}
