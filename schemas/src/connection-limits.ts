import type { ServerOptions } from "node:http";

/** What a stranger may take of an HTTP server before a route knows of it. */
export interface ConnectionLimits {
  /** From the connection, or the last answer on it, to the end of the headers. */
  readonly headersTimeoutMs: number;
  /** From the same moment to the end of the body. */
  readonly requestTimeoutMs: number;
  readonly maxHeaderBytes: number;
  readonly maxConnections: number;
}

/** Of servers that only their watchers ask: health and metrics. */
export const watchersLimits: ConnectionLimits = {
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 5_000,
  maxHeaderBytes: 16 * 1024,
  maxConnections: 100,
};

/** As Node takes them; `maxConnections` is set on the server itself. */
export function serverOptions({ headersTimeoutMs, requestTimeoutMs, maxHeaderBytes }: ConnectionLimits) {
  return {
    headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
    requestTimeout: requestTimeoutMs,
    maxHeaderSize: maxHeaderBytes,
    // How late a connection that is due may be found.
    connectionsCheckingInterval: Math.ceil(headersTimeoutMs / 4),
  } satisfies ServerOptions;
}
