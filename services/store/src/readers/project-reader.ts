import { SpanhouseError } from "@spanhouse/schemas/errors";
import type { ClickHouse, QueryParams } from "../clickhouse.ts";
import { isRetryable, isTooExpensive } from "../clickhouse-error.ts";

/** What one request may take of ClickHouse. */
export interface ReadLimits {
  /** All queries of the request together. */
  readonly seconds: number;
  readonly memoryBytes: number;
  /** Rows read by one query. */
  readonly rows: number;
  readonly resultRows: number;
}

export const defaultReadLimits: ReadLimits = {
  seconds: 20,
  memoryBytes: 2 * 1024 ** 3,
  rows: 500_000_000,
  resultRows: 1_000_000,
};

/**
 * Reads for one request and nothing but one project: `{project:String}` is bound here, for every query. Money comes as
 * decimals with 12 places, times as RFC 3339, integers of 64 bits as strings. Rejects with QUERY_TOO_EXPENSIVE past a
 * limit, STORE_UNAVAILABLE when ClickHouse does not answer, and the signal's reason when the caller has gone.
 */
export interface ProjectReader {
  query<T>(sql: string, params?: QueryParams): Promise<T[]>;
  queryRows<T extends readonly unknown[]>(sql: string, params?: QueryParams): Promise<T[]>;
}

export function createProjectReader(
  clickhouse: ClickHouse,
  limits: ReadLimits,
  project: string,
  signal: AbortSignal,
): ProjectReader {
  const deadline = Date.now() + limits.seconds * 1000;
  const call = () => {
    const remaining = Math.ceil((deadline - Date.now()) / 1000);
    if (remaining <= 0) throw tooExpensive(`the request took longer than ${limits.seconds} s`);
    return {
      signal,
      settings: {
        max_execution_time: remaining,
        max_memory_usage: String(limits.memoryBytes),
        max_rows_to_read: String(limits.rows),
        max_result_rows: String(limits.resultRows),
        cancel_http_readonly_queries_on_client_close: 1,
        do_not_merge_across_partitions_select_final: 1,
        date_time_output_format: "iso",
        output_format_decimal_trailing_zeros: 1,
      } as const,
    };
  };
  const translated = async <T>(read: () => Promise<T>): Promise<T> => {
    try {
      return await read();
    } catch (error) {
      if (error instanceof SpanhouseError) throw error;
      signal.throwIfAborted();
      if (isTooExpensive(error)) throw tooExpensive((error as Error).message, error);
      if (isRetryable(error))
        throw new SpanhouseError("STORE_UNAVAILABLE", "ClickHouse did not answer.", { cause: error });
      throw error;
    }
  };
  const bound = (params: QueryParams = {}) => ({
    ...Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined)),
    project,
  });
  return {
    query: (sql, params) => translated(async () => clickhouse.query(sql, bound(params), call())),
    queryRows: (sql, params) => translated(async () => clickhouse.queryRows(sql, bound(params), call())),
  };
}

function tooExpensive(why: string, cause?: unknown): SpanhouseError {
  return new SpanhouseError(
    "QUERY_TOO_EXPENSIVE",
    `Ask for a shorter time, fewer groups or a narrower filter: ${why}`,
    cause === undefined ? {} : { cause },
  );
}
