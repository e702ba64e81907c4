import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { z } from "zod";
import { questionSchema, type ReplayRun } from "./replay-run.ts";

/** Runs that SDKs can reach, each under an address that cannot be guessed. */
export interface ReplayServer {
  /** The address of the run: what SPANHOUSE_REPLAY says to a program. */
  open(run: ReplayRun): string;
  close(address: string): void;
  /** Where test helpers open runs of their own; only with `runs`. */
  readonly url: string;
  stop(): Promise<void>;
}

/** What a test helper may do: open a run, end it and be told how it went. */
export interface HelperRuns {
  open(request: unknown): Promise<ReplayRun>;
  report(run: ReplayRun, error: string | undefined): Promise<unknown>;
}

const largestBodyBytes = 64 * 1024 * 1024;
const endSchema = z.object({ error: z.string().optional() });

/** Listens on this machine alone. */
export async function startReplayServer(helpers?: HelperRuns): Promise<ReplayServer> {
  const runs = new Map<string, ReplayRun>();
  const key = randomBytes(16).toString("hex");
  let origin = "";

  const open = (run: ReplayRun): string => {
    const token = randomBytes(16).toString("hex");
    runs.set(token, run);
    return `${origin}/${token}`;
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, token = "", ...rest] = (request.url ?? "").split("/");
    const path = rest.join("/");
    const run = runs.get(token);
    const body = await bodyOf(request);
    if (run === undefined) {
      if (helpers !== undefined && token === key && path === "runs") {
        const opened = await helpers.open(JSON.parse(body.toString("utf8")));
        return sendJson(response, 200, { url: open(opened), ...introduction(opened) });
      }
      return sendJson(response, 404, { detail: "no such run" });
    }
    switch (`${request.method} ${path}`) {
      case "GET ":
        return sendJson(response, 200, introduction(run));
      case "POST ask": {
        const question = questionSchema.safeParse(JSON.parse(body.toString("utf8")));
        if (!question.success) return sendJson(response, 400, { detail: z.prettifyError(question.error) });
        return sendJson(response, 200, await run.answer(question.data));
      }
      case "POST v1/traces":
        return void response.writeHead(run.take(body) ? 200 : 400).end();
      case "POST end": {
        if (helpers === undefined) break;
        runs.delete(token);
        const { error } = endSchema.parse(JSON.parse(body.toString("utf8")));
        return sendJson(response, 200, await helpers.report(run, error));
      }
    }
    sendJson(response, 404, { detail: `no ${request.method} ${path}` });
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      const status = error instanceof SpanhouseError || error instanceof SyntaxError ? 400 : 500;
      if (response.headersSent) response.destroy();
      else sendJson(response, status, { detail: error instanceof Error ? error.message : String(error) });
    });
  });
  // A program may think for long between two questions.
  server.keepAliveTimeout = 600_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin}/${key}`,
    open,
    close: (address) => void runs.delete(address.slice(origin.length + 1)),
    async stop() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** What a program is told of its run: the input that the recorded one was given, and when it began. */
function introduction({ recorded }: ReplayRun): object {
  const [root] = recorded.spans;
  return {
    version: 1,
    case: recorded.name,
    trace_id: recorded.traceId,
    input: root?.texts.input ?? null,
    start_time: recorded.startTime,
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBodyBytes)
      throw new SpanhouseError("BODY_TOO_LARGE", `the body is over ${largestBodyBytes} bytes`);
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  return request.headers["content-encoding"] === "gzip"
    ? gunzipSync(body, { maxOutputLength: largestBodyBytes })
    : body;
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value);
  response
    .writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body) })
    .end(body);
}
