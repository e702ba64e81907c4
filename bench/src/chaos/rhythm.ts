/** A connection to ClickHouse that is silent for so long is given up, ms: a half-open one costs a run no more. */
export const storeTimeoutMs = 15_000;
