import * as say from "./prompts.mjs";

/**
 * The Vercel AI SDK with the models of its OpenAI provider (responses API) and, for the cache, of its Anthropic one.
 * `packages` are those of the version: `ai`, `createOpenAI`, `createAnthropic`, `z`. `telemetry` goes with each call.
 */
export function vercelFeatures({ ai, createOpenAI, createAnthropic, z, telemetry }) {
  const openai = createOpenAI({});
  const anthropic = createAnthropic({ baseURL: `${process.env.ANTHROPIC_BASE_URL}/v1` });
  const model = openai("gpt-4.1-mini");
  const common = { model, system: say.system, maxRetries: 0, ...telemetry };
  const stopWhen = ai.stepCountIs?.(4) ?? ai.isStepCount(4);
  const lookup = (execute) =>
    ai.tool({ description: say.lookupOrder.description, inputSchema: z.object({ order: z.string() }), execute });
  const withTool = (prompt, execute) =>
    ai.generateText({ ...common, prompt, stopWhen, tools: { lookup_order: lookup(execute) } });
  return {
    chat: () => ai.generateText({ ...common, prompt: say.question }),
    async stream() {
      const { textStream } = ai.streamText({ ...common, prompt: say.question });
      for await (const _ of textStream);
    },
    tools: () => withTool(say.toolQuestion, async () => say.order),
    embeddings: () =>
      ai.embedMany({
        model: openai.textEmbeddingModel("text-embedding-3-small"),
        values: say.texts,
        providerOptions: { openai: { dimensions: 8 } },
        maxRetries: 0,
        ...telemetry,
      }),
    async cache() {
      await ai.generateText({ ...common, model: anthropic("claude-sonnet-4-0"), prompt: say.cachedQuestion });
      await ai.generateText({ ...common, prompt: say.cachedReadQuestion });
    },
    refusal: () => ai.generateText({ ...common, model: anthropic("claude-sonnet-4-0"), prompt: say.refusedQuestion }),
    error: () => ai.generateText({ ...common, prompt: say.failingQuestion }).catch(() => undefined),
    agent: () =>
      withTool(say.agentQuestion, async () => {
        const { text } = await ai.generateText({ ...common, prompt: say.innerQuestion });
        return { ...say.order, summary: text };
      }),
  };
}
