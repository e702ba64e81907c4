import { anthropicBatches } from "../apis/anthropic-batch.ts";
import { anthropicMessages } from "../apis/anthropic-messages.ts";
import { changeArgument, withTracedRuns } from "./runner-tools.ts";
import { type ClientProfile, wrapClient } from "./stainless-client.ts";

const profile: ClientProfile = {
  providerOf(client) {
    if ("awsRegion" in client) return "aws.bedrock";
    return "projectId" in client ? "gcp.vertex_ai" : "anthropic";
  },
  apiAt: (path) => (path.split("?", 1)[0] === "/v1/messages" ? anthropicMessages : undefined),
  batches: anthropicBatches,
  // Since 1.0 the client makes spans by itself where OpenTelemetry is set up: one of the two is enough.
  copyOptions: (client) => ("openTelemetry" in client ? { openTelemetry: false } : {}),
  extend(copy) {
    const { beta } = copy as { beta?: { messages?: unknown } };
    changeArgument(beta?.messages, "toolRunner", withTracedRuns);
  },
};

/**
 * A copy of an `@anthropic-ai/sdk` client (0.39 to 1.x) whose messages are spans, by whichever helper they are made. The
 * client itself is not changed; wrapping a wrapped one returns it. Never throws.
 */
export const wrapAnthropic = <Client extends object>(client: Client): Client => wrapClient(client, profile);
