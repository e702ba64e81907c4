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
export const providerAt = (hostname: string, ofClient: string): string =>
  providers.find(([pattern]) => pattern.test(hostname))?.[1] ?? ofClient;
