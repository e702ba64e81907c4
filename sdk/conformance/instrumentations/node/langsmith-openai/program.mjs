// Read when the packages are loaded.
import "./environment.mjs";

import { setTimeout } from "node:timers/promises";
import { initializeOTEL } from "langsmith/experimental/otel/setup";
import { traceable } from "langsmith/traceable";
import { wrapOpenAI } from "langsmith/wrappers";
import OpenAI from "openai";
import { openaiFeatures } from "../programs/openai.mjs";
import { openaiAgent } from "../programs/openai-agent.mjs";
import { run } from "../programs/run.mjs";

const { DEFAULT_LANGSMITH_SPAN_PROCESSOR } = initializeOTEL({
  exporterConfig: { url: `${process.env.OTLP_URL}/v1/traces`, apiKey: "key" },
});
const client = wrapOpenAI(new OpenAI({ maxRetries: 0 }));
const traced = (run_type) => (name, input, work) => traceable(() => work(), { name, run_type })(input);
await run(
  { ...openaiFeatures(client), ...openaiAgent(client, { agent: traced("chain"), tool: traced("tool") }) },
  async () => {
    // A run that has streamed is handed over in the background, and nothing tells when.
    await setTimeout(1000);
    await DEFAULT_LANGSMITH_SPAN_PROCESSOR.shutdown();
  },
);
