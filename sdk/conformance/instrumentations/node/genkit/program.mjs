import { openAI } from "@genkit-ai/compat-oai/openai";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { genkit, z } from "genkit";
import { enableTelemetry, flushTracing } from "genkit/tracing";
import * as say from "../programs/prompts.mjs";
import { run } from "../programs/run.mjs";

const exporter = new OTLPTraceExporter({ url: `${process.env.OTLP_URL}/v1/traces` });
await enableTelemetry({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const ai = genkit({ plugins: [openAI({ maxRetries: 0 })], model: openAI.model("gpt-4.1-mini") });
const common = { system: say.system, config: { temperature: 0.2 } };
const found = { name: say.lookupOrder.name, description: say.lookupOrder.description };
const lookup = (name, work) => ai.defineTool({ ...found, name, inputSchema: z.object({ order: z.string() }) }, work);
const order = lookup(say.lookupOrder.name, async () => say.order);
const flow = (name, work) => ai.defineFlow(name, work);
const summariser = flow("summariser", async () => (await ai.generate({ ...common, prompt: say.innerQuestion })).text);

await run(
  {
    chat: () => ai.generate({ ...common, prompt: say.question }),
    async stream() {
      const { stream, response } = ai.generateStream({ ...common, prompt: say.question });
      for await (const _ of stream);
      await response;
    },
    tools: () => ai.generate({ ...common, prompt: say.toolQuestion, tools: [order] }),
    embeddings: () =>
      ai.embedMany({
        embedder: "openai/text-embedding-3-small",
        content: say.texts,
        options: { dimensions: 8 },
      }),
    cache: () => ai.generate({ ...common, prompt: say.cachedReadQuestion }),
    refusal: () => ai.generate({ ...common, prompt: say.refusedQuestion }).catch(() => undefined),
    error: () => ai.generate({ ...common, prompt: say.failingQuestion }).catch(() => undefined),
    agent: flow("support", async () => {
      const delegating = ai.dynamicTool({ ...found, inputSchema: z.object({ order: z.string() }) }, async () => ({
        ...say.order,
        summary: await summariser(),
      }));
      return (await ai.generate({ ...common, prompt: say.agentQuestion, tools: [delegating] })).text;
    }),
  },
  () => flushTracing(),
);
