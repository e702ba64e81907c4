import * as traceloop from "@traceloop/node-server-sdk";
import OpenAI from "openai";
import { openaiFeatures } from "../programs/openai.mjs";
import { openaiAgent } from "../programs/openai-agent.mjs";
import { run } from "../programs/run.mjs";

traceloop.initialize({
  baseUrl: process.env.OTLP_URL,
  apiKey: "key",
  disableBatch: true,
  silenceInitializationMessage: true,
  traceloopSyncEnabled: false,
  instrumentModules: { openAI: OpenAI },
});
const client = new OpenAI({ maxRetries: 0 });
const agent = (name, input, work) => traceloop.withAgent({ name, inputParameters: [input] }, work);
const tool = (name, input, work) => traceloop.withTool({ name, inputParameters: [input] }, work);
await run({ ...openaiFeatures(client), ...openaiAgent(client, { agent, tool }) }, () => traceloop.forceFlush());
