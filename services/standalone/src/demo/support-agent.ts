import type Anthropic from "@anthropic-ai/sdk";
import { scriptHeader } from "@spanhouse/conformance/script";
import type OpenAI from "openai";
import type { Conversation } from "./conversations.ts";
import { createKnowledge } from "./knowledge.ts";
import { lookUpOrder, OrderNotFoundError } from "./shop.ts";
import type { Traced } from "./traced.ts";

const model = "gpt-4.1-mini";
const reviewModel = "claude-sonnet-4-6";

const instructions =
  "You are the support agent of a small shop. Look up the order, search the help articles, and answer in two sentences.";
const reviewInstructions =
  "You review answers of a support agent. Approve what is polite and correct, else say why not.";

const tools: OpenAI.Chat.ChatCompletionTool[] = [
  {
    type: "function",
    function: {
      name: "lookup_order",
      description: "Finds an order by its number",
      parameters: { type: "object", properties: { id: { type: "string" } }, required: ["id"] },
    },
  },
  {
    type: "function",
    function: {
      name: "search_articles",
      description: "Searches the help articles",
      parameters: { type: "object", properties: { query: { type: "string" } }, required: ["query"] },
    },
  },
];

export interface SupportAgentOptions {
  readonly openai: OpenAI;
  readonly anthropic: Anthropic;
  readonly traced: Traced;
}

/**
 * A small support agent as one would write it: draft an answer with OpenAI and tools, have Claude review it, then send
 * it, in some conversations as a stream. Resolves with the trace id, whatever happened in the conversation.
 */
export const createSupportAgent = ({ openai, anthropic, traced }: SupportAgentOptions) => {
  const searchArticles = createKnowledge(openai, traced);
  const scripted = (script: string) => ({ headers: { "x-simulator-script": scriptHeader(script) } });

  const runTool = (call: OpenAI.Chat.ChatCompletionMessageFunctionToolCall): Promise<string> =>
    traced(
      `execute_tool ${call.function.name}`,
      {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": call.function.name,
        "gen_ai.tool.type": "function",
        "gen_ai.tool.call.id": call.id,
        "gen_ai.tool.call.arguments": call.function.arguments,
      },
      async (span) => {
        const { id = "", query = "" } = JSON.parse(call.function.arguments) as Record<string, string>;
        const found = call.function.name === "lookup_order" ? lookUpOrder(id) : await searchArticles(query);
        const result = JSON.stringify(found);
        span.setAttribute("gen_ai.tool.call.result", result);
        return result;
      },
    ).catch((error: unknown) => {
      if (error instanceof OrderNotFoundError) return JSON.stringify({ error: error.message });
      throw error;
    });

  /** The model's answer, or its refusal. */
  const draft = async ({ question, draftScript }: Conversation): Promise<{ text: string; refused: boolean }> => {
    const messages: OpenAI.Chat.ChatCompletionMessageParam[] = [
      { role: "system", content: instructions },
      { role: "user", content: question },
    ];
    for (;;) {
      const reply = await openai.chat.completions.create(
        { model, messages, tools, temperature: 0.2 },
        scripted(draftScript),
      );
      const message = reply.choices[0]?.message;
      const calls = (message?.tool_calls ?? []).filter((call) => call.type === "function");
      if (message === undefined || calls.length === 0)
        return { text: message?.refusal ?? message?.content ?? "", refused: Boolean(message?.refusal) };
      const results = await Promise.all(calls.map(runTool));
      messages.push(message);
      messages.push(
        ...calls.map(({ id }, i) => ({ role: "tool" as const, tool_call_id: id, content: results[i] ?? "" })),
      );
    }
  };

  const review = ({ question, reviewScript }: Conversation, answer: string): Promise<string> =>
    traced(
      "invoke_agent reviewer",
      { "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "reviewer", "gen_ai.provider.name": "anthropic" },
      async () => {
        const message = await anthropic.messages.create(
          {
            model: reviewModel,
            max_tokens: 300,
            system: [{ type: "text", text: reviewInstructions, cache_control: { type: "ephemeral" } }],
            messages: [{ role: "user", content: `Question: ${question}\n\nAnswer: ${answer}` }],
          },
          scripted(reviewScript),
        );
        return message.content.map((block) => (block.type === "text" ? block.text : "")).join("");
      },
    );

  /** Sends the answer as a stream; in some conversations the customer closes the window after a few words. */
  const stream = async ({ episode, replyScript }: Conversation, answer: string): Promise<string> => {
    const left = new AbortController();
    const chunks = await openai.chat.completions.create(
      {
        model,
        messages: [{ role: "user", content: `Greet the customer, then give this answer: ${answer}` }],
        stream: true,
        stream_options: { include_usage: true },
      },
      { ...scripted(replyScript), signal: left.signal },
    );
    let text = "";
    for await (const chunk of chunks) {
      text += chunk.choices[0]?.delta.content ?? "";
      if (episode === "customer_leaves" && text.length > 20) left.abort();
    }
    return text;
  };

  const answer = async (conversation: Conversation): Promise<string> => {
    const { text, refused } = await draft(conversation);
    if (refused) return text;
    // A review that fails is no reason to let the customer wait: the trace tells.
    await review(conversation, text).catch(() => "unreviewed");
    const streamed = conversation.episode === "streamed" || conversation.episode === "customer_leaves";
    return streamed ? stream(conversation, text) : text;
  };

  return (conversation: Conversation): Promise<string> =>
    traced(
      "invoke_agent support-agent",
      {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": "support-agent",
        "gen_ai.provider.name": "openai",
        "gen_ai.conversation.id": conversation.id,
        "user.id": conversation.userId,
        "gen_ai.input.messages": JSON.stringify([textMessage("user", conversation.question)]),
      },
      async (span) => {
        const reply = await answer(conversation);
        span.setAttribute("gen_ai.output.messages", JSON.stringify([textMessage("assistant", reply)]));
        return span.spanContext().traceId;
      },
    );
};

const textMessage = (role: string, content: string) => ({ role, parts: [{ type: "text", content }] });
