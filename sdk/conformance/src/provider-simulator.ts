import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { anthropicMessages } from "./anthropic-messages.ts";
import { createAttempts } from "./attempts.ts";
import { azureChat } from "./azure-chat.ts";
import { batchAnswerAt } from "./batches.ts";
import { bedrockConverse } from "./bedrock-converse.ts";
import { bedrockInvoke } from "./bedrock-invoke.ts";
import { decide } from "./decision.ts";
import { googleContent } from "./google-content.ts";
import { createIds } from "./ids.ts";
import { responseModelOf } from "./models.ts";
import { openaiChat } from "./openai-chat.ts";
import { openaiCompletions } from "./openai-completions.ts";
import { openaiEmbeddings } from "./openai-embeddings.ts";
import { openaiImages } from "./openai-images.ts";
import { openaiModerations } from "./openai-moderations.ts";
import { openaiResponses } from "./openai-responses.ts";
import { openaiSpeech } from "./openai-speech.ts";
import { openaiTranscriptions } from "./openai-transcriptions.ts";
import type { ProviderApi } from "./provider-api.ts";
import { createRecording, outcomeOf, type RecordedRequest } from "./recording.ts";
import { openReply, type Sent } from "./reply.ts";
import type { Scenario } from "./script.ts";
import { tokensOf } from "./tokens.ts";

const apis: readonly ProviderApi[] = [
  openaiChat,
  openaiCompletions,
  openaiResponses,
  openaiEmbeddings,
  openaiImages,
  openaiModerations,
  openaiSpeech,
  openaiTranscriptions,
  azureChat,
  anthropicMessages,
  googleContent,
  bedrockConverse,
  bedrockInvoke,
];

export interface ProviderSimulator {
  /** Origin without a trailing slash. OpenAI's clients take `${url}/v1` as base URL, all others take `url`. */
  readonly url: string;
  /** Ground truth of the requests that ended, by arrival. Also at `GET /simulator/requests`. */
  requests(): readonly RecordedRequest[];
  /** Forgets them, and counts and names from the start again, as a new one would. Also `DELETE /simulator/requests`. */
  reset(): void;
  /** Breaks open connections and frees the port. */
  stop(): Promise<void>;
}

export interface ProviderSimulatorOptions {
  /** 0, the default, for a free one. */
  readonly port?: number;
  readonly script?: readonly Scenario[];
  /** How many requests are remembered; 1,000 by default. */
  readonly keep?: number;
  /** Ids of responses and requests follow from it and from the order of requests. */
  readonly seed?: string;
}

/**
 * A server that speaks OpenAI's, Azure's, Anthropic's, Google's and Amazon's APIs on the wire, answers by script (`script.ts`), and
 * remembers what it did. Nothing of it is random: the same requests in the same order get the same bytes, dates apart.
 */
export const startProviderSimulator = async (options: ProviderSimulatorOptions = {}): Promise<ProviderSimulator> => {
  const { port = 0, script = [], keep = 1000, seed = "simulator" } = options;
  let recording = createRecording(keep);
  let attempts = createAttempts();
  let arrived = 0;
  const reset = (): void => {
    recording = createRecording(keep);
    attempts = createAttempts();
    arrived = 0;
  };

  const serve = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const path = (req.url ?? "/").split("?")[0] ?? "/";
    if (req.method === "GET" && path === "/simulator/requests") return sendJson(res, 200, recording.list());
    if (req.method === "DELETE" && path === "/simulator/requests") {
      reset();
      return void res.writeHead(204).end();
    }
    const batch = req.method === "GET" ? batchAnswerAt(path) : undefined;
    if (batch !== undefined) return void res.writeHead(200, { "content-type": batch.type }).end(batch.text);
    const api = apis.find((candidate) => isAt(candidate, path));
    if (api === undefined || req.method !== "POST")
      return sendJson(res, 404, { error: { message: `simulator: no ${req.method} ${path}` } });

    arrived += 1;
    const sequence = arrived;
    const id = createIds(`${seed}:${sequence}`);
    const requestId = id("req_", 24);
    const request = await textOfBody(req);
    const body = withPath(api, path, await parsed(request, req.headers["content-type"] ?? ""));
    const attempt = attempts.numberOf(req.headers["x-stainless-retry-count"], path + request);

    const decision = decide(api, { headers: req.headers, body, attempt }, script);
    const reply = openReply(res, {
      provider: api.provider,
      requestId,
      inputTokens: tokensOf(request),
      stream: decision.prompt?.stream ?? false,
    });
    const record = ({ status, text }: Sent, outcome: RecordedRequest["outcome"], more: Partial<RecordedRequest> = {}) =>
      recording.add({
        sequence,
        api: api.name,
        requestId,
        attempt,
        requestModel: decision.prompt?.model ?? "",
        responseModel: "",
        responseId: "",
        stream: decision.prompt?.stream ?? false,
        status,
        outcome,
        usage: null,
        providerUsage: null,
        request,
        response: text,
        requestBytes: Buffer.byteLength(request),
        responseBytes: Buffer.byteLength(text),
        ...more,
      });

    if (decision.kind === "error") return record(await reply.error(decision), "error");
    const { prompt, answer, broken } = decision;
    const responseModel = responseModelOf(prompt.model);
    const created = Math.floor(Date.now() / 1000);
    const spelling = api.spell({
      request: body as Record<string, unknown>,
      prompt,
      answer,
      responseModel,
      created,
      id,
    });
    if ("status" in spelling) return record(await reply.error(spelling), outcomeOf(answer));

    const { responseId, usage: providerUsage } = spelling;
    const sent = await reply.answer(spelling, answer.pace, broken);
    if (sent.ended === "whole")
      record(sent, outcomeOf(answer), { responseModel, responseId, usage: answer.usage, providerUsage });
    else record(sent, sent.ended, { responseModel, responseId });
  };

  const server = createServer((req, res) => {
    serve(req, res).catch((error: unknown) => res.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => recording.list(),
    reset,
    stop: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
};

const isAt = ({ path: at }: ProviderApi, path: string): boolean =>
  typeof at === "string" ? at === path : at.test(path);

/** What Azure's, Google's and Amazon's paths say, as fields of the body. */
const withPath = ({ path: at }: ProviderApi, path: string, body: unknown): unknown => {
  if (typeof at === "string" || typeof body !== "object" || body === null) return body;
  const { model = "", method } = at.exec(path)?.groups ?? {};
  const named = { ...body, model: decodeURIComponent(model) };
  return method === undefined ? named : { ...named, stream: /stream/.test(method) };
};

const sendJson = (res: ServerResponse, status: number, value: unknown): void => {
  res.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
};

const textOfBody = async (req: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
};

/** A JSON body, or a form as its fields, a file in it as `{name, bytes, text}`. */
const parsed = async (text: string, type: string): Promise<unknown> => {
  try {
    if (type.startsWith("multipart/form-data")) return await formOf(text, type);
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const formOf = async (text: string, type: string): Promise<unknown> => {
  const form = await new Response(text, { headers: { "content-type": type } }).formData();
  const fields = [...form.entries()].map(async ([name, value]) => [
    name,
    typeof value === "string" ? value : { name: value.name, bytes: value.size, text: await value.text() },
  ]);
  return Object.fromEntries(await Promise.all(fields));
};
