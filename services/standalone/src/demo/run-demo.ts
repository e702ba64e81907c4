import { setTimeout as delay } from "node:timers/promises";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { conversationOf } from "./conversations.ts";
import { createSupportAgent } from "./support-agent.ts";
import { createTraced } from "./traced.ts";
import { startTracing } from "./tracing.ts";

export interface DemoOptions {
  /** Origin of the OTLP/HTTP receiver, such as `http://127.0.0.1:4318`. */
  readonly url: string;
  readonly apiKey: string;
  /** Origin of the provider simulator. */
  readonly simulatorUrl: string;
  /** How many conversations are held; Infinity goes on until `signal`. */
  readonly conversations: number;
  /** Milliseconds from one conversation's end to the next one's start. */
  readonly pace: number;
  /** What is said follows from it. */
  readonly seed?: string;
  readonly signal?: AbortSignal;
  /** Told of each conversation once its spans have been delivered. */
  readonly onTrace?: (traceId: string) => void;
}

/**
 * Holds conversations one after another, a trace each, through the real clients, traced as `startTracing` says.
 * Rejects when spans cannot be delivered. At most once a process.
 */
export const runDemo = async (options: DemoOptions): Promise<{ readonly traceIds: readonly string[] }> => {
  const { url, apiKey, simulatorUrl, conversations, pace, seed = "demo", signal, onTrace } = options;
  const provider = startTracing({ url, apiKey });
  const converse = createSupportAgent({
    openai: new OpenAI({ apiKey: "simulated", baseURL: `${simulatorUrl}/v1` }),
    anthropic: new Anthropic({
      apiKey: "simulated",
      baseURL: simulatorUrl,
      openTelemetry: { traces: { enabled: true, contentMode: "content" } },
    }),
    traced: createTraced(provider.getTracer("support-agent", "1.4.0")),
  });
  const traceIds: string[] = [];
  try {
    for (let index = 0; index < conversations && !signal?.aborted; index += 1) {
      if (index > 0) await delay(pace, undefined, { signal }).catch(() => undefined);
      if (signal?.aborted) break;
      const traceId = await converse(conversationOf(seed, index));
      await provider.forceFlush();
      if (conversations !== Infinity) traceIds.push(traceId);
      onTrace?.(traceId);
    }
  } finally {
    await provider.shutdown();
  }
  return { traceIds };
};
