import * as say from "./prompts.mjs";

/** LangChain with OpenAI's models; the packages are those of the folder. */
export function langchainFeatures({ ChatOpenAI, OpenAIEmbeddings, createAgent, tool, z }) {
  const model = new ChatOpenAI({ model: "gpt-4.1-mini", temperature: 0.2, maxRetries: 0 });
  const asked = (content) => [
    ["system", say.system],
    ["user", content],
  ];
  const agent = (name, work) =>
    createAgent({
      model,
      name,
      systemPrompt: say.system,
      tools: work
        ? [
            tool(work, {
              name: say.lookupOrder.name,
              description: say.lookupOrder.description,
              schema: z.object({ order: z.string() }),
            }),
          ]
        : [],
    });
  const invoke = (one, content) => one.invoke({ messages: [{ role: "user", content }] });
  return {
    chat: () => model.invoke(asked(say.question)),
    async stream() {
      for await (const _ of await model.stream(asked(say.question)));
    },
    tools: () =>
      invoke(
        agent("support", async () => JSON.stringify(say.order)),
        say.toolQuestion,
      ),
    embeddings: () =>
      new OpenAIEmbeddings({ model: "text-embedding-3-small", dimensions: 8 }).embedDocuments(say.texts),
    cache: () => model.invoke(asked(say.cachedReadQuestion)),
    refusal: () => model.invoke(asked(say.refusedQuestion)),
    error: () => model.invoke(asked(say.failingQuestion)).catch(() => undefined),
    agent: () =>
      invoke(
        agent("support", async () => (await invoke(agent("summariser"), say.innerQuestion)).messages.at(-1).content),
        say.agentQuestion,
      ),
  };
}
