import { withoutTracing } from "../opentelemetry.ts";
import { builtin } from "../runtime.ts";

/** A way to a replay's server, for who can wait and for who cannot. Both reject or throw where it does not answer. */
export interface ReplayChannel {
  ask(question: object): Promise<ReplayAnswer>;
  /** The same, holding up the program: a tool that gives a value gives it at once. */
  askNow(question: object): ReplayAnswer;
  /** Holds up the program too; an OTLP request. */
  sendNow(body: Uint8Array): number;
}

/** What is to happen in the world's place: REPLAY.md of sdk/conformance. */
export type ReplayAnswer =
  | {
      readonly kind: "response";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly chunks: readonly ReplayChunk[];
      readonly broken?: ReplayFailure;
    }
  | { readonly kind: "failure"; readonly error: ReplayFailure }
  | { readonly kind: "value"; readonly value?: string; readonly was: string }
  | { readonly kind: "live" }
  | { readonly kind: "miss"; readonly message: string };

/** A piece of a body: text, or bytes that are none in base64. */
export type ReplayChunk = { readonly after_ms: number } & ({ readonly text: string } | { readonly base64: string });

export interface ReplayFailure {
  readonly type: string;
  readonly message: string;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const openChannel = (address: string): ReplayChannel => {
  const http = builtin("node:http");
  if (http?.request === undefined) throw new TypeError("spanhouse: a replay needs Node's modules, or Bun's or Deno's");
  const agent = new http.Agent({ keepAlive: true, maxSockets: 32 });
  const waiting = waitingPost();
  const read = (status: number, body: Uint8Array): ReplayAnswer => {
    const text = decoder.decode(body);
    if (status !== 200) throw new Error(`spanhouse: the replay at ${address} answered ${status}: ${text}`);
    return JSON.parse(text) as ReplayAnswer;
  };
  return {
    ask: (question) =>
      withoutTracing(
        () =>
          new Promise((resolve, reject) => {
            const body = encoder.encode(JSON.stringify(question));
            const headers = { "content-type": "application/json", "content-length": body.length };
            const request = http.request(`${address}/ask`, { agent, method: "POST", headers });
            request.on("error", reject);
            request.on("response", (response) => {
              const chunks: Uint8Array[] = [];
              response.on("data", (chunk: Uint8Array) => chunks.push(chunk));
              response.on("error", reject);
              response.on("end", () => {
                try {
                  resolve(read(response.statusCode ?? 0, Buffer.concat(chunks)));
                } catch (error) {
                  reject(error as Error);
                }
              });
            });
            request.end(body);
          }),
      ),
    askNow(question) {
      const { status, body } = waiting(`${address}/ask`, "application/json", encoder.encode(JSON.stringify(question)));
      return read(status, body);
    },
    sendNow: (body) => waiting(`${address}/v1/traces`, "application/x-protobuf", body).status,
  };
};

interface Reply {
  readonly status: number;
  readonly body: Uint8Array;
}

/** Runs in a thread of its own, which can wait for an answer while the program's stands still. */
const threadCode = `
const { port, flag } = require("node:worker_threads").workerData;
const http = require("node:http");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const reply = (message) => {
  port.postMessage(message);
  Atomics.store(flag, 0, 1);
  Atomics.notify(flag, 0);
};
port.on("message", ({ url, type, body }) => {
  const headers = { "content-type": type, "content-length": body.length };
  const request = http.request(url, { agent, method: "POST", headers });
  const fail = (error) => reply({ error: String(error) });
  request.on("error", fail);
  request.on("response", (response) => {
    const chunks = [];
    response.on("data", (chunk) => chunks.push(chunk));
    response.on("error", fail);
    response.on("end", () => reply({ status: response.statusCode, body: Buffer.concat(chunks) }));
  });
  request.end(body);
});`;

const longestWaitMs = 300_000;

/** Posts, and waits for the answer without returning to the event loop. The thread starts at first use. */
const waitingPost = (): ((url: string, type: string, body: Uint8Array) => Reply) => {
  const flag = new Int32Array(new SharedArrayBuffer(4));
  let port: import("node:worker_threads").MessagePort | undefined;
  return (url, type, body) => {
    const threads = builtin("node:worker_threads");
    if (threads === undefined)
      throw new TypeError("spanhouse: a replay of tools needs threads, which this runtime has not");
    if (port === undefined) {
      const { port1, port2 } = new threads.MessageChannel();
      const workerData = { port: port2, flag };
      // Nothing of the program's own start: its loaders, its options.
      const options = { eval: true, workerData, transferList: [port2], execArgv: [], env: {} };
      new threads.Worker(threadCode, options).unref();
      port = port1;
    }
    Atomics.store(flag, 0, 0);
    port.postMessage({ url, type, body });
    Atomics.wait(flag, 0, 0, longestWaitMs);
    const message = threads.receiveMessageOnPort(port)?.message as Reply | { readonly error: string } | undefined;
    if (message === undefined) throw new Error(`spanhouse: the replay at ${url} did not answer`);
    if ("error" in message) throw new Error(`spanhouse: the replay at ${url} does not answer: ${message.error}`);
    return message;
  };
};
