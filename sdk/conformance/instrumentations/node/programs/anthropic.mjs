import * as say from "./prompts.mjs";

const model = "claude-sonnet-4-0";

/** Every feature but `embeddings`, which Anthropic has not, and `agent`, through its own client. */
export function anthropicFeatures(client) {
  const ask = (content, more = {}) =>
    client.messages.create({
      model,
      max_tokens: 512,
      system: say.system,
      messages: [{ role: "user", content }],
      ...more,
    });
  const { name, description, parameters } = say.lookupOrder;
  const tools = [{ name, description, input_schema: parameters }];
  return {
    chat: () => ask(say.question),
    async stream() {
      for await (const _ of await ask(say.question, { stream: true }));
    },
    async tools() {
      const first = await ask(say.toolQuestion, { tools });
      const call = first.content.find(({ type }) => type === "tool_use");
      await client.messages.create({
        model,
        max_tokens: 512,
        system: say.system,
        tools,
        messages: [
          { role: "user", content: say.toolQuestion },
          { role: "assistant", content: first.content },
          {
            role: "user",
            content: [{ type: "tool_result", tool_use_id: call.id, content: JSON.stringify(say.order) }],
          },
        ],
      });
    },
    cache: () => ask(say.cachedQuestion),
    refusal: () => ask(say.refusedQuestion),
    error: () => ask(say.failingQuestion).catch(() => undefined),
  };
}
