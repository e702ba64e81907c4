import { setTimeout as sleep } from "node:timers/promises";
import type { CallOptions, ClickHouse } from "./clickhouse.ts";
import { isRetryable } from "./clickhouse-error.ts";

export interface RetryOptions {
  /** Ends the waiting: the call then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Told of every failure that is waited out. `attempt` counts from 1. */
  readonly onRetry?: (error: unknown, attempt: number, delayMs: number) => void;
  readonly firstDelayMs?: number;
  readonly greatestDelayMs?: number;
}

/**
 * The same ClickHouse, whose calls repeat what `isRetryable` until it succeeds, for ever. An insert may be in the table
 * more than once, a command be run again: for callers to whom that is the same.
 */
export function retrying(clickhouse: ClickHouse, options: RetryOptions = {}): ClickHouse {
  const { signal } = options;
  const again = <T>(call: () => Promise<T>) => repeat(call, options);
  const joined = <Options extends CallOptions>(call: Options | undefined): Options | CallOptions => {
    const either = joinedSignal(call?.signal, signal);
    return either === undefined ? (call ?? {}) : { ...call, signal: either };
  };
  return {
    ...clickhouse,
    query: (sql, params, call) => again(() => clickhouse.query(sql, params, joined(call))),
    queryRows: (sql, params, call) => again(() => clickhouse.queryRows(sql, params, joined(call))),
    insert: (table, columns, body, call) => again(() => clickhouse.insert(table, columns, body, joined(call))),
    command: (sql, params, settings, own) =>
      again(() => clickhouse.command(sql, params, settings, joinedSignal(own, signal))),
    define: (sql, options) => again(() => clickhouse.define(sql, options)),
    createDatabase: () => again(() => clickhouse.createDatabase()),
    version: () => again(() => clickhouse.version()),
  };
}

function joinedSignal(one: AbortSignal | undefined, other: AbortSignal | undefined): AbortSignal | undefined {
  return one !== undefined && other !== undefined ? AbortSignal.any([one, other]) : (one ?? other);
}

async function repeat<T>(call: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { signal, onRetry, firstDelayMs = 100, greatestDelayMs = 10_000 } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      signal?.throwIfAborted();
      return await call();
    } catch (error) {
      signal?.throwIfAborted();
      if (!isRetryable(error)) throw error;
      // Half of the delay by chance, so that many who lost the same server do not return together.
      const delayMs = Math.min(firstDelayMs * 2 ** (attempt - 1), greatestDelayMs) * (0.5 + Math.random() / 2);
      onRetry?.(error, attempt, delayMs);
      await sleep(delayMs, undefined, signal === undefined ? {} : { signal });
    }
  }
}
