import { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { createGunzip } from "node:zlib";
import type { Lease } from "./admission.ts";
import { type Failure, failed } from "./failure.ts";

export type Body = { readonly kind: "read"; readonly bytes: Buffer; readonly sentBytes: number } | Failure;

export interface BodyBounds {
  readonly compression: "gzip" | "identity";
  /** As sent. */
  readonly maxBytes: number;
  /** After inflating. */
  readonly maxInflatedBytes: number;
  /** Grows with what is kept. */
  readonly lease: Lease;
}

const inflateChunkBytes = 64 * 1024;

/**
 * Reads a request's body, inflating as it comes: of a bomb no more is ever inflated than the bound and a chunk. After
 * a failure the rest of the body is thrown away unread, so that the client gets to see the answer.
 */
export function readBody(request: IncomingMessage, bounds: BodyBounds): Promise<Body> {
  const { maxBytes, maxInflatedBytes, lease } = bounds;
  return new Promise((resolve) => {
    const inflate = bounds.compression === "gzip" ? createGunzip({ chunkSize: inflateChunkBytes }) : undefined;
    const chunks: Buffer[] = [];
    let sentBytes = 0;
    let size = 0;

    function settle(body: Body): void {
      request.off("data", receive).off("end", finish).off("close", cut);
      if (inflate !== undefined) inflate.off("data", keep).destroy();
      if (body.kind === "failed") request.resume();
      resolve(body);
    }
    function receive(chunk: Buffer): void {
      sentBytes += chunk.length;
      if (sentBytes > maxBytes) settle(failed("BODY_TOO_LARGE", `the body is over ${maxBytes} bytes as sent`));
      else if (inflate === undefined) keep(chunk);
      else if (!inflate.write(chunk)) {
        request.pause();
        inflate.once("drain", () => request.resume());
      }
    }
    function keep(chunk: Buffer): void {
      size += chunk.length;
      if (size > maxInflatedBytes) {
        settle(failed("BODY_TOO_LARGE", `the body is over ${maxInflatedBytes} bytes when inflated`));
      } else if (lease.cover(size)) chunks.push(chunk);
      else settle(failed("BUS_UNAVAILABLE", "too many bytes wait for the span log", 1));
    }
    function finish(): void {
      request.off("close", cut);
      if (inflate === undefined) complete();
      else inflate.end();
    }
    function complete(): void {
      settle({ kind: "read", bytes: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size), sentBytes });
    }
    function cut(): void {
      settle(failed("OTLP_TRUNCATED", `the connection closed after ${sentBytes} bytes of the body`));
    }

    if (request.destroyed) {
      cut();
      return;
    }
    // An aborted request also emits `error`; `close` follows in either case.
    request
      .on("data", receive)
      .on("end", finish)
      .on("close", cut)
      .on("error", () => {});
    inflate
      ?.on("data", keep)
      .on("end", complete)
      .on("error", (error) => settle(failed("CONTENT_ENCODING", `the body does not inflate: ${error.message}`)));
  });
}
