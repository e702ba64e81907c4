/**
 * Every error a user can meet, by code. A message names the offender and says what was expected.
 * `status` is the HTTP status where the error can be an answer. A test keeps the list in use and documented.
 */
export const errorCatalogue = {
  OTLP_TRUNCATED: { status: 400, summary: "The body ends inside a protobuf field." },
  OTLP_WIRE: { status: 400, summary: "The body is not an OTLP traces message." },
  OTLP_JSON: { status: 400, summary: "The body is not OTLP JSON: wrong syntax or a field of the wrong type." },
  OTLP_EMPTY: { status: 400, summary: "The body has no bytes." },
  OTLP_TRACE_ID: { status: 400, summary: "trace_id is not 16 bytes, or all zero." },
  OTLP_SPAN_ID: { status: 400, summary: "span_id is not 8 bytes, or all zero." },
  CONTENT_TYPE: { status: 415, summary: "The content type is neither application/x-protobuf nor application/json." },
  CONTENT_ENCODING: { status: 415, summary: "The content encoding is neither gzip nor identity, or does not inflate." },
  BODY_TOO_LARGE: { status: 413, summary: "The body is larger than the limit, as sent or inflated." },
  TOO_MANY_SPANS: { status: 413, summary: "One request has more spans than the limit." },
  RECORD_TOO_LARGE: { status: 413, summary: "One trace of the request is larger than a record of the bus may be." },
  RATE_SPANS: { status: 429, summary: "The project sends more spans a second than it may." },
  RATE_BYTES: { status: 429, summary: "The project sends more bytes a second than it may." },
  QUOTA_TRACES: { status: 429, summary: "The project's traces of this month are used." },
  OWN_TELEMETRY: { status: 400, summary: "The spans are of this Spanhouse about itself: they go to another endpoint." },
  KEY_MISSING: { status: 401, summary: "No API key was sent." },
  KEY_UNKNOWN: { status: 401, summary: "The API key is unknown, expired or revoked." },
  KEY_SCOPE: { status: 403, summary: "The API key lacks the scope that the route needs." },
  LOG_IN_FAILED: { status: 401, summary: "The OpenID provider did not say who it is, or the log-in took too long." },
  CROSS_ORIGIN: { status: 403, summary: "A page of another site asked to change something." },
  BUS_UNAVAILABLE: { status: 503, summary: "The span log did not acknowledge in time." },
  STORE_UNAVAILABLE: { status: 503, summary: "ClickHouse did not answer." },
  NOT_FOUND: { status: 404, summary: "Nothing with that id in this project." },
  CONFLICT: { status: 409, summary: "Something of that name is there already." },
  INVALID_PARAMETER: { status: 400, summary: "A parameter has the wrong form." },
  INVALID_CURSOR: { status: 400, summary: "The cursor was not made by this API, or for other filters." },
  QUERY_TOO_EXPENSIVE: { status: 422, summary: "The query passed its limit of time, memory or rows." },
  SUGGESTIONS_OFF: { status: 409, summary: "The operator has configured no model that could suggest anything." },
  SUGGESTION_FAILED: { status: 502, summary: "The operator's model did not answer, or not as it was asked to." },
  REPLAY_MODEL_OFF: { status: 409, summary: "The operator has configured no endpoint that could answer." },
  REPLAY_BUDGET: { status: 429, summary: "What the operator's endpoint may cost in this time is spent." },
  REPLAY_MODEL_FAILED: { status: 502, summary: "The operator's endpoint did not answer." },
  INTERNAL: { status: 500, summary: "A defect of Spanhouse." },
  SPAN_FROZEN: { status: 400, summary: "The span ended before the project's frozen_until." },
  SPAN_UNSTORABLE: { status: 400, summary: "The span failed in the derivation: a defect; its bytes are kept." },
  PROJECT_UNKNOWN: { status: 400, summary: "The record names no project, and the topic has none configured." },
  STORE_IN_USE: { status: 500, summary: "Another process has the data directory open." },
  STORE_PLATFORM: { status: 500, summary: "No embedded ClickHouse is published for this platform." },
  STORE_START: { status: 500, summary: "The embedded ClickHouse did not start." },
  STORE_VERSION: { status: 500, summary: "The ClickHouse server is older than 25.8." },
  MIGRATION_CHANGED: { status: 500, summary: "A migration that was applied has another checksum than its file." },
  BACKUP_FAILED: { status: 500, summary: "ClickHouse did not make or restore a part of a backup." },
  CONFIG: { status: 500, summary: "An environment variable has the wrong form." },
} as const satisfies Record<string, { status: number; summary: string }>;

export type ErrorCode = keyof typeof errorCatalogue;

/** An error that a user meets. Thrown across layers only where no caller can go on; expected outcomes are values. */
export class SpanhouseError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "SpanhouseError";
    this.code = code;
  }

  get status(): number {
    return errorCatalogue[this.code].status;
  }
}
