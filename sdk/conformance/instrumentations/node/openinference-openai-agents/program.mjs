import { OpenAIInstrumentation } from "@arizeai/openinference-instrumentation-openai";
import { OpenAIAgentsInstrumentation } from "@arizeai/openinference-instrumentation-openai-agents";
import * as agents from "@openai/agents";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import OpenAI from "openai";
import { z } from "zod";
import * as say from "../programs/prompts.mjs";
import { run } from "../programs/run.mjs";
import { startTracing, withinASpan } from "../programs/tracing.mjs";

const provider = startTracing({ NodeTracerProvider, SimpleSpanProcessor, OTLPTraceExporter });
new OpenAIAgentsInstrumentation({ tracerProvider: provider }).manuallyInstrument(agents);
// The client below is instrumented too: both tell of each call.
new OpenAIInstrumentation({ tracerProvider: provider }).manuallyInstrument(OpenAI);
agents.setDefaultOpenAIClient(new OpenAI({ maxRetries: 0 }));

const model = "gpt-4.1-mini";
const plain = new agents.Agent({ name: "support", instructions: say.system, model });
const tool = (execute) =>
  agents.tool({
    name: say.lookupOrder.name,
    description: say.lookupOrder.description,
    parameters: z.object({ order: z.string() }),
    execute,
  });
const withTool = (execute) =>
  new agents.Agent({ name: "support", instructions: say.system, model, tools: [tool(execute)] });
const features = {
  chat: () => agents.run(plain, say.question),
  async stream() {
    const result = await agents.run(plain, say.question, { stream: true });
    for await (const _ of result);
    await result.completed;
  },
  tools: () =>
    agents.run(
      withTool(async () => say.order),
      say.toolQuestion,
    ),
  cache: () => agents.run(plain, say.cachedReadQuestion),
  refusal: () => agents.run(plain, say.refusedQuestion, { maxTurns: 1 }).catch(() => undefined),
  error: () => agents.run(plain, say.failingQuestion).catch(() => undefined),
  async agent() {
    const summariser = new agents.Agent({ name: "summariser", instructions: say.system, model });
    await agents.run(
      withTool(async () => (await agents.run(summariser, say.innerQuestion)).finalOutput),
      say.agentQuestion,
    );
  },
};
// The bridge of the agents' own tracing sets no context: without a span around both, the client's spans would be
// traces of their own.
await run(withinASpan(provider, features), () => provider.shutdown());
