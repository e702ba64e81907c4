import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { Agent } from "@mastra/core/agent";
import { Mastra } from "@mastra/core/mastra";
import { createTool } from "@mastra/core/tools";
import { Observability } from "@mastra/observability";
import { OtelExporter } from "@mastra/otel-exporter";
import { z } from "zod";
import * as say from "../programs/prompts.mjs";
import { run } from "../programs/run.mjs";

const exporter = new OtelExporter({
  provider: { custom: { endpoint: `${process.env.OTLP_URL}/v1/traces`, protocol: "http/protobuf" } },
});
const openai = createOpenAI({})("gpt-4.1-mini");
const anthropic = createAnthropic({ baseURL: `${process.env.ANTHROPIC_BASE_URL}/v1` })("claude-sonnet-4-0");
const lookup = (execute) =>
  createTool({
    id: say.lookupOrder.name,
    description: say.lookupOrder.description,
    inputSchema: z.object({ order: z.string() }),
    execute,
  });
const agent = (name, model, execute) =>
  new Agent({
    ...{ id: name, name, model, instructions: say.system, maxRetries: 0 },
    tools: execute ? { lookup_order: lookup(execute) } : {},
  });
const agents = {
  plain: agent("plain", openai),
  claude: agent("claude", anthropic),
  support: agent("support", openai, async () => say.order),
  summariser: agent("summariser", openai),
  delegating: agent("delegating", openai, async (_input, context) => {
    const { text } = await ask("summariser", say.innerQuestion, { tracingContext: context?.tracingContext });
    return { ...say.order, summary: text };
  }),
};
const mastra = new Mastra({
  agents,
  logger: false,
  observability: new Observability({ configs: { otel: { serviceName: "recorded", exporters: [exporter] } } }),
});
const common = {
  modelSettings: { temperature: 0.2, maxRetries: 0 },
  tracingOptions: { metadata: { userId: "user-42", sessionId: "conversation-7" } },
};
const ask = (name, question, more = {}) => mastra.getAgent(name).generate(question, { ...common, ...more });

await run(
  {
    chat: () => ask("plain", say.question),
    async stream() {
      const { textStream } = await mastra.getAgent("plain").stream(say.question, common);
      for await (const _ of textStream);
    },
    tools: () => ask("support", say.toolQuestion),
    async cache() {
      await ask("claude", say.cachedQuestion);
      await ask("plain", say.cachedReadQuestion);
    },
    refusal: () => ask("claude", say.refusedQuestion),
    error: () => ask("plain", say.failingQuestion).catch(() => undefined),
    agent: () => ask("delegating", say.agentQuestion),
  },
  () => mastra.shutdown(),
);
