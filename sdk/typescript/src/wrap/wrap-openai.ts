import { openaiBatches } from "../apis/openai-batch.ts";
import { openaiChat, openaiCompletions } from "../apis/openai-chat.ts";
import { openaiResponses } from "../apis/openai-responses.ts";
import {
  openaiEmbeddings,
  openaiImages,
  openaiModerations,
  openaiSpeech,
  openaiTranscriptions,
} from "../apis/openai-simple.ts";
import type { ProviderApi } from "../apis/provider-api.ts";
import { changeArgument, withTracedFunctions } from "./runner-tools.ts";
import { type ClientProfile, wrapClient } from "./stainless-client.ts";

const apis: ReadonlyMap<string, ProviderApi> = new Map([
  ["/chat/completions", openaiChat],
  ["/completions", openaiCompletions],
  ["/responses", openaiResponses],
  ["/embeddings", openaiEmbeddings],
  ["/moderations", openaiModerations],
  ["/images/generations", openaiImages],
  ["/images/edits", openaiImages],
  ["/images/variations", openaiImages],
  ["/audio/speech", openaiSpeech],
  ["/audio/transcriptions", openaiTranscriptions],
  ["/audio/translations", openaiTranscriptions],
]);

const isAzure = (client: object): client is { readonly apiVersion: unknown; readonly deploymentName?: unknown } =>
  "apiVersion" in client && client.apiVersion !== undefined;

const profile: ClientProfile = {
  providerOf: (client) => (isAzure(client) ? "azure.ai.openai" : "openai"),
  apiAt: (path) => apis.get(path.split("?", 1)[0]!),
  batches: openaiBatches,
  copyOptions(client) {
    // Azure's client needs its version and deployment said again, and keeps them nowhere that `withOptions` looks.
    return isAzure(client) ? { apiVersion: client.apiVersion, deployment: client.deploymentName } : {};
  },
  extend(copy) {
    const { chat, beta } = copy as { chat?: { completions?: unknown }; beta?: { chat?: { completions?: unknown } } };
    changeArgument(chat?.completions, "runTools", withTracedFunctions);
    changeArgument(beta?.chat?.completions, "runTools", withTracedFunctions);
  },
};

/**
 * A copy of an `openai` client (4 to 7; `OpenAI`, `AzureOpenAI` and other subclasses) whose model calls are spans: chat,
 * completions, responses, embeddings, images, audio, moderations, by whichever helper they are made. The client itself
 * is not changed; wrapping a wrapped one returns it. Never throws.
 */
export const wrapOpenAI = <Client extends object>(client: Client): Client => wrapClient(client, profile);
