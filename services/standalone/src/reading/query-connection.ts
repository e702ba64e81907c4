import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ApiQuestions, type QuestionParameters, questionUrl } from "@spanhouse/query/api-questions";
import { problemSchema } from "@spanhouse/schemas/api/problem";
import type { Environment } from "@spanhouse/schemas/environment";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { findRunning } from "../running-standalone.ts";

/** The query API, asked with a key. Rejects with the API's own error, by its code. */
export interface QueryConnection extends ApiQuestions {
  get<T>(path: string, parameters?: QuestionParameters): Promise<T>;
  post<T>(path: string, body: unknown): Promise<T>;
  /** The answer as it comes. */
  stream(path: string, parameters: QuestionParameters, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
}

export const connectionUsage = `Asks the query API that SPANHOUSE_QUERY_URL names, with the key SPANHOUSE_API_KEY; else the standalone that runs on the
data directory (--data DIR, SPANHOUSE_DATA, default .spanhouse), with its own key.
Exits with 0; 1 where the API refuses or does not answer; 2 for wrong arguments.`;

/** Throws CONFIG where there is neither. */
export function connectQuery(environment: Environment, dataDir?: string): QueryConnection {
  const { url, key } = addressOf(environment, dataDir);
  const ask = (path: string, parameters: QuestionParameters, signal?: AbortSignal) =>
    send(`${url}${questionUrl(path, parameters)}`, signal ? { signal } : {});
  const send = async (address: string, { headers, ...init }: RequestInit) => {
    const request = { ...init, headers: { ...headers, authorization: `Bearer ${key}` } };
    const response = await fetch(address, request).catch((error: unknown) => {
      if (init.signal?.aborted) throw error;
      throw new Error(`the query API at ${url} does not answer`, { cause: error });
    });
    if (response.ok) return response;
    const problem = problemSchema.safeParse(await response.json().catch(() => undefined));
    if (problem.success) throw new SpanhouseError(problem.data.code, problem.data.detail);
    throw new Error(`${address} answered ${response.status}; expected the query API of Spanhouse there`);
  };
  return {
    get: async <T>(path: string, parameters: QuestionParameters = {}) =>
      (await (await ask(path, parameters)).json()) as T,
    json: async <T>(path: string, parameters: QuestionParameters, signal: AbortSignal) =>
      (await (await ask(path, parameters, signal)).json()) as T,
    bytes: async (path, signal) => Buffer.from(await (await ask(path, {}, signal)).arrayBuffer()),
    async post<T>(path: string, body: unknown) {
      const headers = { "content-type": "application/json" };
      const answer = await send(`${url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
      return (await answer.json()) as T;
    },
    async stream(path, parameters, signal) {
      const { body } = await ask(path, parameters, signal);
      if (body === null) throw new Error(`${path} answered without a body`);
      return body;
    },
  };
}

function addressOf(environment: Environment, dataDir?: string): { readonly url: string; readonly key: string } {
  const { SPANHOUSE_QUERY_URL: url, SPANHOUSE_API_KEY: key } = environment;
  if (url) {
    if (key) return { url: url.replace(/\/+$/, ""), key };
    throw new SpanhouseError("CONFIG", "SPANHOUSE_API_KEY: expected a key of scope read, beside SPANHOUSE_QUERY_URL");
  }
  const directory = dataDir ?? (environment.SPANHOUSE_DATA || ".spanhouse");
  const running = findRunning(directory);
  if (running) return { url: running.queryUrl, key: key || readFileSync(join(directory, "api-key"), "utf8").trim() };
  throw new SpanhouseError(
    "CONFIG",
    `expected SPANHOUSE_QUERY_URL and SPANHOUSE_API_KEY, or a running spanhouse start; nothing runs on ${directory}`,
  );
}
