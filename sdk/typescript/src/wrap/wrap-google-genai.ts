import { geminiContent, geminiEmbeddings, geminiImages } from "../apis/gemini.ts";
import { parseObject } from "../apis/json.ts";
import type { ProviderApi } from "../apis/provider-api.ts";
import { tracer } from "../default-tracer.ts";
import { type Fetch, ModelCall } from "./model-call.ts";
import { originAt } from "./provider-name.ts";

interface ApiRequest {
  readonly path: string;
  readonly body?: unknown;
  readonly httpOptions?: { readonly fetch?: Fetch };
}

type Send = (this: ApiClient, request: ApiRequest) => Promise<unknown>;

/** `@google/genai` 2's: every call of every resource passes one of the two. */
interface ApiClient {
  readonly clientOptions: { readonly apiKey?: string; readonly httpOptions?: { readonly fetch?: Fetch } };
  getBaseUrl(): string;
  isVertexAI(): boolean;
  apiCall(...args: never[]): unknown;
  request: Send;
  requestStream: Send;
}

type ResourceClass = new (apiClient: ApiClient) => { readonly apiClient?: ApiClient };

interface GenAIClient {
  apiClient: ApiClient;
  models: object;
  chats: object;
}

const apis: ReadonlyMap<string, ProviderApi> = new Map([
  ["generateContent", geminiContent],
  ["streamGenerateContent", geminiContent],
  ["embedContent", geminiEmbeddings],
  ["batchEmbedContents", geminiEmbeddings],
  ["predict", geminiImages],
]);

const wrappedKey = Symbol.for("spanhouse.wrapped");

/**
 * A copy of a `@google/genai` client (2.x, which lets `fetch` be given) whose `models` and `chats` are seen: content, streams,
 * embeddings and images. The client itself is not changed; wrapping a wrapped one returns it. Never throws: an older client is
 * returned as it is, with a warning.
 */
export const wrapGoogleGenAI = <Client extends object>(client: Client): Client => {
  if (wrappedKey in client) return client;
  try {
    return copyOf(client as unknown as GenAIClient) as unknown as Client;
  } catch (error) {
    tracer().warn(`the client could not be wrapped, its calls are not seen: ${String(error)}`);
    return client;
  }
};

const copyOf = (client: GenAIClient): GenAIClient => {
  const live = client.apiClient;
  if (live.apiCall.length < 6) throw new TypeError("expected @google/genai 2.29 or later, which takes a fetch");
  const apiClient = shallowCopy(live);
  apiClient.request = tracedSend(live.request, false);
  apiClient.requestStream = tracedSend(live.requestStream, true);
  const copy = shallowCopy(client);
  copy.apiClient = apiClient;
  const models = new (client.models.constructor as ResourceClass)(apiClient);
  copy.models = models;
  copy.chats = new (client.chats.constructor as new (models: object, apiClient: ApiClient) => object)(
    models,
    apiClient,
  );
  Object.defineProperty(copy, wrappedKey, { value: true });
  return copy;
};

const shallowCopy = <T extends object>(object: T): T =>
  Object.create(Object.getPrototypeOf(object) as object, Object.getOwnPropertyDescriptors(object)) as T;

const tracedSend = (send: Send, streams: boolean): Send =>
  async function tracedRequest(this: ApiClient, request: ApiRequest): Promise<unknown> {
    const [, model = "", method = ""] = /models\/([^/:]+):(\w+)/.exec(request.path) ?? [];
    const api = apis.get(method);
    if (api === undefined) return send.call(this, request);
    const { clientOptions } = this;
    const origin = originAt(
      this.getBaseUrl(),
      this.isVertexAI() ? "gcp.vertex_ai" : "gcp.gemini",
      clientOptions.apiKey,
    );
    const call = new ModelCall(api, origin);
    const { body } = request;
    call.describe({ ...(typeof body === "string" ? parseObject(body) : undefined), model }, streams);
    const liveFetch: Fetch = request.httpOptions?.fetch ?? clientOptions.httpOptions?.fetch ?? globalThis.fetch;
    const fetch: Fetch = (url, init = {}) => call.attempt(url, init, liveFetch);
    try {
      const answer = await send.call(this, { ...request, httpOptions: { ...request.httpOptions, fetch } });
      return streams ? leftWith(answer as AsyncGenerator, call) : answer;
    } catch (error) {
      call.fail(error);
      throw error;
    }
  };

/** The same chunks. Who leaves them only unlocks the body, which might be read on: it is not, and the call ends there. */
const leftWith = (chunks: AsyncGenerator, call: ModelCall): AsyncGenerator => {
  const leave = chunks.return;
  return Object.assign(chunks, {
    return(value: unknown) {
      call.abandon();
      return leave.call(chunks, value);
    },
  });
};
