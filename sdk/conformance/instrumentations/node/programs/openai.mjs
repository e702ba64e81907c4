import * as say from "./prompts.mjs";

const model = "gpt-4.1-mini";

/** Every feature but `agent` through OpenAI's own client, as an instrumentation has patched or wrapped it. */
export function openaiFeatures(client) {
  const ask = (content, more = {}) =>
    client.chat.completions.create({
      model,
      temperature: 0.2,
      messages: [
        { role: "system", content: say.system },
        { role: "user", content },
      ],
      ...more,
    });
  const tools = [{ type: "function", function: say.lookupOrder }];
  return {
    chat: () => ask(say.question),
    async stream() {
      const stream = await ask(say.question, { stream: true, stream_options: { include_usage: true } });
      for await (const _ of stream);
    },
    async tools() {
      const first = await ask(say.toolQuestion, { tools });
      const { message } = first.choices[0];
      await client.chat.completions.create({
        model,
        tools,
        messages: [
          { role: "system", content: say.system },
          { role: "user", content: say.toolQuestion },
          message,
          { role: "tool", tool_call_id: message.tool_calls[0].id, content: JSON.stringify(say.order) },
        ],
      });
    },
    embeddings: () => client.embeddings.create({ model: "text-embedding-3-small", input: say.texts, dimensions: 8 }),
    cache: () => ask(say.cachedReadQuestion),
    refusal: () => ask(say.refusedQuestion),
    error: () => ask(say.failingQuestion).catch(() => undefined),
  };
}
