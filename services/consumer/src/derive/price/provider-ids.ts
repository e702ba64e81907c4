/** Providers as semantic conventions and instrumentations spell them → ids of @pydantic/genai-prices, where they differ. */
const idByProvider: ReadonlyMap<string, string> = new Map([
  ["aws.bedrock", "aws"],
  ["aws_bedrock", "aws"],
  ["az.ai.openai", "azure"],
  ["az.ai.inference", "azure"],
  ["azure.ai.openai", "azure"],
  ["azure.ai.inference", "azure"],
  ["azure_openai", "azure"],
  ["gcp.gemini", "google"],
  ["gcp.gen_ai", "google"],
  ["gcp.vertex_ai", "google"],
  ["vertex_ai", "google"],
  ["vertexai", "google"],
  ["mistral_ai", "mistral"],
  ["mistralai", "mistral"],
  ["x_ai", "x-ai"],
  ["xai", "x-ai"],
  ["moonshot_ai", "moonshotai"],
  ["together_ai", "together"],
  ["fireworks_ai", "fireworks"],
  ["voyage_ai", "voyageai"],
  ["z.ai", "zai"],
]);

/** Servers that people run themselves: the name of a model says nothing of what it costs there. */
const selfHosted: ReadonlySet<string> = new Set([
  "ollama",
  "vllm",
  "llama.cpp",
  "llamacpp",
  "llamafile",
  "lmstudio",
  "lm_studio",
  "localai",
  "sglang",
  "tgi",
  "triton",
  "nvidia.nim",
]);

export function priceProviderId(provider: string): string {
  const name = provider.toLowerCase().trim();
  return idByProvider.get(name) ?? name;
}

export function isSelfHosted(provider: string): boolean {
  return selfHosted.has(provider.toLowerCase().trim());
}
