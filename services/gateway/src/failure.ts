import { type ErrorCode, errorCatalogue } from "@spanhouse/schemas/errors";

/** Why a request is answered with an error: the code gives the HTTP status. */
export interface Failure {
  readonly kind: "failed";
  readonly code: ErrorCode;
  readonly message: string;
  /** Where the same request may succeed later. */
  readonly retryAfterSeconds?: number;
}

export function failed(code: ErrorCode, message: string, retryAfterSeconds?: number): Failure {
  return { kind: "failed", code, message, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
}

export function statusOf(failure: Failure): number {
  return errorCatalogue[failure.code].status;
}
