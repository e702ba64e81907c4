import { ClickHouseError } from "@clickhouse/client";

/** What ClickHouse says of itself rather than of the statement or the data: the same request may succeed later. */
const transientTypes: ReadonlySet<string> = new Set([
  "ABORTED",
  "ALL_CONNECTION_TRIES_FAILED",
  "ALL_REPLICAS_ARE_STALE",
  "ALL_REPLICAS_LOST",
  "ASYNC_LOAD_CANCELED",
  "ASYNC_LOAD_WAIT_FAILED",
  "CANNOT_SCHEDULE_TASK",
  "DEADLOCK_AVOIDED",
  "DNS_ERROR",
  "KEEPER_EXCEPTION",
  "MEMORY_LIMIT_EXCEEDED",
  "NETWORK_ERROR",
  "NO_ACTIVE_REPLICAS",
  "NO_AVAILABLE_REPLICA",
  "NO_FREE_CONNECTION",
  "NO_ZOOKEEPER",
  "NOT_ENOUGH_SPACE",
  "QUERY_WAS_CANCELLED",
  "REPLICA_IS_NOT_IN_QUORUM",
  "S3_ERROR",
  "SERVER_OVERLOADED",
  "SOCKET_TIMEOUT",
  "TABLE_IS_READ_ONLY",
  "TIMEOUT_EXCEEDED",
  "TOO_FEW_LIVE_REPLICAS",
  "TOO_MANY_PARTS",
  "TOO_MANY_SIMULTANEOUS_QUERIES",
  "UNKNOWN_STATUS_OF_INSERT",
  "UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE",
  "USER_SESSION_LIMIT_EXCEEDED",
  "ZERO_COPY_REPLICATION_ERROR",
]);

const tooExpensiveTypes: ReadonlySet<string> = new Set([
  "MEMORY_LIMIT_EXCEEDED",
  "TIMEOUT_EXCEEDED",
  "TOO_MANY_BYTES",
  "TOO_MANY_ROWS",
  "TOO_MANY_ROWS_OR_BYTES",
  "TOO_SLOW",
]);

const networkCodes: ReadonlySet<string> = new Set([
  "EAI_AGAIN",
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTDOWN",
  "EHOSTUNREACH",
  "ENETDOWN",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ERR_STREAM_PREMATURE_CLOSE",
  "ETIMEDOUT",
]);

/** The client's own timeout, and what a proxy answers for a server that is away. */
const unreachable = /^Timeout error\.|\b50[234]\b|bad gateway|service unavailable|gateway time-?out/i;

/**
 * Whether the same call may succeed later: nobody listens, the connection broke, the server is out of memory, space or
 * keeper, merges are behind. False for what the statement or the data cause, which no repetition mends.
 */
export function isRetryable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof ClickHouseError) return transientTypes.has(error.type ?? "") || isLostShard(error);
  if ("code" in error && typeof error.code === "string") return networkCodes.has(error.code);
  return unreachable.test(error.message);
}

/** Another server of the cluster ended while it was asked; the same type without a packet is of data that is cut short. */
function isLostShard({ type, message }: ClickHouseError): boolean {
  return type === "ATTEMPT_TO_READ_AFTER_EOF" && message.includes("while receiving packet");
}

/** Whether a query passed its limit of time, memory or rows. */
export function isTooExpensive(error: unknown): boolean {
  return error instanceof ClickHouseError && tooExpensiveTypes.has(error.type ?? "");
}
