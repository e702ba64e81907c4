export interface TraceKey {
  readonly project: string;
  /** 32 lowercase hex digits. */
  readonly traceId: string;
}
