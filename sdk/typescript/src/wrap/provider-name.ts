import type { Origin } from "./model-call.ts";

/** Hosts of the providers that speak OpenAI's or Anthropic's API, and the conventions' names for them. */
const providers: readonly (readonly [RegExp, string])[] = [
  [/(^|\.)openai\.azure\.com$|(^|\.)services\.ai\.azure\.com$|(^|\.)cognitiveservices\.azure\.com$/, "azure.ai.openai"],
  [/(^|\.)openai\.com$/, "openai"],
  [/(^|\.)anthropic\.com$/, "anthropic"],
  [/^bedrock[\w.-]*\.amazonaws\.com(\.cn)?$/, "aws.bedrock"],
  [/^generativelanguage\.googleapis\.com$/, "gcp.gemini"],
  [/(^|-)aiplatform\.googleapis\.com$/, "gcp.vertex_ai"],
  [/(^|\.)mistral\.ai$/, "mistral_ai"],
  [/(^|\.)groq\.com$/, "groq"],
  [/(^|\.)deepseek\.com$/, "deepseek"],
  [/(^|\.)x\.ai$/, "x_ai"],
  [/(^|\.)perplexity\.ai$/, "perplexity"],
  [/(^|\.)cohere\.(com|ai)$/, "cohere"],
  [/(^|\.)openrouter\.ai$/, "openrouter"],
  [/(^|\.)together\.(xyz|ai)$/, "together_ai"],
  [/(^|\.)fireworks\.ai$/, "fireworks_ai"],
];

/** Who answers at this host; an unknown host is what the client was made for. */
const providerAt = (hostname: string, ofClient: string): string =>
  providers.find(([pattern]) => pattern.test(hostname))?.[1] ?? ofClient;

/** Who is asked at this base URL with this key. */
export const originAt = (baseUrl: string, ofClient: string, key: unknown): Origin => {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  const port = Number(url?.port) || (url?.protocol === "http:" ? 80 : 443);
  return {
    provider: providerAt(url?.hostname ?? "", ofClient),
    address: url?.hostname,
    port: url === undefined || port === 443 ? undefined : port,
    credential: typeof key === "string" && key.length > 8 ? `…${key.slice(-4)}` : undefined,
  };
};
