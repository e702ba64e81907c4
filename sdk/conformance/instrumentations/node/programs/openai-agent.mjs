import * as say from "./prompts.mjs";

/**
 * An agent by hand: the model asks for the tool, the tool asks a model of its own, the model answers. `agent` and `tool`
 * are the instrumentation's way to put a span around a function: `(name, input, work) => Promise`.
 */
export function openaiAgent(client, { agent, tool }) {
  const model = "gpt-4.1-mini";
  const tools = [{ type: "function", function: say.lookupOrder }];
  return {
    agent: () =>
      agent("support", say.agentQuestion, async () => {
        const messages = [
          { role: "system", content: say.system },
          { role: "user", content: say.agentQuestion },
        ];
        const first = await client.chat.completions.create({ model, tools, messages });
        const { message } = first.choices[0];
        const [call] = message.tool_calls;
        const found = await tool(call.function.name, call.function.arguments, () =>
          agent("summariser", say.innerQuestion, async () => {
            const inner = await client.chat.completions.create({
              model,
              messages: [{ role: "user", content: say.innerQuestion }],
            });
            return inner.choices[0].message.content;
          }),
        );
        const last = await client.chat.completions.create({
          model,
          tools,
          messages: [...messages, message, { role: "tool", tool_call_id: call.id, content: found }],
        });
        return last.choices[0].message.content;
      }),
  };
}
