import { amazon } from "./amazon.ts";
import { amazonFrame } from "./amazon-event-stream.ts";
import { anthropicMessages } from "./anthropic-messages.ts";
import type { ProviderApi } from "./provider-api.ts";

/**
 * `POST /model/MODEL/invoke` and `/invoke-with-response-stream` of Anthropic's models: Anthropic's bodies, its events one by
 * one in Amazon's frames.
 */
export const bedrockInvoke: ProviderApi = {
  ...anthropicMessages,
  name: "bedrock.invoke",
  provider: amazon,
  path: /^\/model\/(?<model>[^/]+)\/(?<method>invoke|invoke-with-response-stream)$/,

  spell(exchange) {
    const spelling = anthropicMessages.spell(exchange);
    if ("status" in spelling) return { ...spelling, code: "ValidationException" };
    return {
      ...spelling,
      frame: {
        type: "application/vnd.amazon.eventstream",
        of: (event) =>
          amazonFrame({ ...event, data: { bytes: Buffer.from(JSON.stringify(event.data)).toString("base64") } }),
      },
      events: () => spelling.events().map(({ data }) => ({ event: "chunk", data })),
    };
  },
};
