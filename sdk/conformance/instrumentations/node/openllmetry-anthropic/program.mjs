import * as Anthropic from "@anthropic-ai/sdk";
import * as traceloop from "@traceloop/node-server-sdk";
import { anthropicFeatures } from "../programs/anthropic.mjs";
import { run } from "../programs/run.mjs";

traceloop.initialize({
  baseUrl: process.env.OTLP_URL,
  apiKey: "key",
  disableBatch: true,
  silenceInitializationMessage: true,
  traceloopSyncEnabled: false,
  instrumentModules: { anthropic: Anthropic },
});
const client = new Anthropic.default({ maxRetries: 0, openTelemetry: false });
await run(anthropicFeatures(client), () => traceloop.forceFlush());
