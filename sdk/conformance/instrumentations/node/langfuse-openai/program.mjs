import { observeOpenAI } from "@langfuse/openai";
import { LangfuseSpanProcessor } from "@langfuse/otel";
import { startActiveObservation } from "@langfuse/tracing";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import OpenAI from "openai";
import { openaiFeatures } from "../programs/openai.mjs";
import { openaiAgent } from "../programs/openai-agent.mjs";
import { run } from "../programs/run.mjs";

const exporter = new OTLPTraceExporter({ url: `${process.env.OTLP_URL}/v1/traces` });
const provider = new NodeTracerProvider({
  spanProcessors: [new LangfuseSpanProcessor({ publicKey: "pk", secretKey: "sk", exporter, exportMode: "immediate" })],
});
provider.register();
const observed = (asType) => (name, input, work) =>
  startActiveObservation(
    name,
    async (observation) => {
      observation.update({ input });
      const output = await work();
      observation.update({ output });
      return output;
    },
    { asType },
  );
const client = observeOpenAI(new OpenAI({ maxRetries: 0 }), { sessionId: "session-1", userId: "user-1" });
await run(
  { ...openaiFeatures(client), ...openaiAgent(client, { agent: observed("agent"), tool: observed("tool") }) },
  () => provider.shutdown(),
);
