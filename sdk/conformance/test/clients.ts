import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import type { ProviderSimulator } from "../src/provider-simulator.ts";
import { scriptHeader } from "../src/script.ts";

/** The real clients, pointed at a simulator. */
export const clientsOf = (simulator: ProviderSimulator, maxRetries = 0) => ({
  openai: new OpenAI({ apiKey: "sk-test", baseURL: `${simulator.url}/v1`, maxRetries }),
  anthropic: new Anthropic({ apiKey: "sk-ant-test", baseURL: simulator.url, maxRetries }),
});

/** Request options that carry a script without a trace of it in the prompt. */
export const scripted = (script: string) => ({ headers: { "x-simulator-script": scriptHeader(script) } });

export const allOf = async <T>(stream: AsyncIterable<T>): Promise<T[]> => {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
};

export const orderTool = {
  name: "lookup_order",
  description: "Finds an order",
  parameters: { type: "object" as const, properties: { id: { type: "string" } }, additionalProperties: false },
};
