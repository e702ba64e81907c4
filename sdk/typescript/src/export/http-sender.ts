import type { IncomingMessage } from "node:http";
import { withoutTracing } from "../opentelemetry.ts";
import { builtin } from "../runtime.ts";
import { outcomeOfAnswer } from "./http-outcome.ts";
import type { Batch, Sender, SendOutcome } from "./sender.ts";

export interface HttpOptions {
  /** Where OTLP is taken: `/v1/traces` is appended. */
  readonly url: string;
  readonly apiKey: string | undefined;
  /** An answer is waited for so long. */
  readonly timeoutMs: number;
}

/** Over HTTP: by Node's own client where there is one, for its sockets keep no process alive, else by `fetch`. */
export const createHttpSender = (options: HttpOptions): Sender => {
  const url = new URL(`${options.url.replace(/\/+$/, "")}/v1/traces`);
  const headers: Record<string, string> = { "content-type": "application/x-protobuf" };
  if (options.apiKey !== undefined) headers.authorization = `Bearer ${options.apiKey}`;
  const post = nodePost(url, options.timeoutMs) ?? fetchPost(url, options.timeoutMs);
  // To this machine a smaller body gains nothing.
  const compress = isLoopback(url.hostname) ? undefined : gzip();

  if (compress !== undefined) headers["content-encoding"] = "gzip";
  /** Of the batch that could not be sent: it comes again, and to compress it costs more than to keep it. */
  let kept: { readonly of: Batch["traces"]; readonly body: readonly Uint8Array[] } | undefined;
  const bodyOf = async ({ traces, request }: Batch): Promise<readonly Uint8Array[]> => {
    if (kept?.of === traces) return kept.body;
    const plain = request(traces.flatMap(({ spans }) => spans));
    return compress === undefined ? plain : [await compress(joined(plain))];
  };

  return {
    async send(batch) {
      try {
        const body = await bodyOf(batch);
        kept = { of: batch.traces, body };
        const outcome = await withoutTracing(() => post.send(body, headers));
        if (outcome.kind !== "retry") kept = undefined;
        return outcome;
      } catch (error) {
        return { kind: "retry", reason: `${url.origin}: ${reasonOf(error)}`, afterMs: 0 };
      }
    },
    close: async () => post.close(),
  };
};

interface Post {
  send(body: readonly Uint8Array[], headers: Readonly<Record<string, string>>): Promise<SendOutcome>;
  close(): void;
}

const nodePost = (url: URL, timeoutMs: number): Post | undefined => {
  const http = url.protocol === "https:" ? builtin("node:https") : builtin("node:http");
  if (http?.request === undefined) return undefined;
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  return {
    send: (body, headers) =>
      new Promise((resolve, reject) => {
        const request = http.request(url, {
          agent,
          method: "POST",
          headers: { ...headers, "content-length": sizeOf(body) },
          timeout: timeoutMs,
        });
        request.on("socket", (socket) => socket.unref());
        request.on("timeout", () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)));
        request.on("error", reject);
        request.on("response", (response: IncomingMessage) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () => {
            const answer = Buffer.concat(chunks);
            const settle = (): void =>
              resolve(outcomeOfAnswer(response.statusCode ?? 0, response.headers["retry-after"], answer));
            // A receiver may answer before it has read all: until then the body is read from its memory.
            if (request.writableFinished) settle();
            else request.once("close", settle);
          });
        });
        request.cork();
        for (const piece of body) request.write(piece);
        request.end();
      }),
    close: () => agent.destroy(),
  };
};

const fetchPost = (url: URL, timeoutMs: number): Post => {
  const { fetch } = globalThis;
  return {
    async send(body, headers) {
      const response = await fetch(url, {
        method: "POST",
        headers,
        body: joined(body),
        signal: AbortSignal.timeout(timeoutMs),
      });
      const answer = new Uint8Array(await response.arrayBuffer());
      return outcomeOfAnswer(response.status, response.headers.get("retry-after"), answer);
    },
    close: () => undefined,
  };
};

const sizeOf = (pieces: readonly Uint8Array[]): number => pieces.reduce((size, { length }) => size + length, 0);

const joined = (pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
  const whole = new Uint8Array(sizeOf(pieces));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
};

const gzip = (): ((bytes: Uint8Array) => Promise<Uint8Array>) | undefined => {
  const zlib = builtin("node:zlib");
  if (zlib?.gzip !== undefined) {
    return (bytes) =>
      new Promise((resolve, reject) => {
        zlib.gzip(bytes, { level: 1 }, (error, zipped) => (error ? reject(error) : resolve(zipped)));
      });
  }
  if (typeof CompressionStream === "undefined") return undefined;
  return async (bytes) => {
    const zipped = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new CompressionStream("gzip"));
    return new Uint8Array(await new Response(zipped).arrayBuffer());
  };
};

const isLoopback = (hostname: string): boolean => /^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname);

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: unknown };
  return error.message || String(code ?? error.name);
};
