import type { IncomingMessage } from "node:http";
import { recordHeader, type SpanPublisher } from "@spanhouse/bus/bus";
import { type ScoreAccepted, type ScoreRequest, scoreRequestSchema } from "@spanhouse/schemas/api/scores";
import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import type { KeyAuthority } from "@spanhouse/store/api-keys";
import { z } from "zod";
import type { Admission } from "./admission.ts";
import { readBody } from "./body.ts";
import { grantIngest } from "./credentials.ts";
import { type Failure, failed } from "./failure.ts";
import { mediaTypeOf, otlpContentType } from "./media-type.ts";
import type { Redactor } from "./redaction/redactor.ts";
import { scoreSpan } from "./score-span.ts";

/** A score with the longest comment in the widest letters has less. */
const maxScoreBytes = 64 * 1024;

export interface ScoreIntakeParts {
  readonly publisher: SpanPublisher;
  readonly keys: KeyAuthority;
  readonly redactor: Redactor;
  readonly admission: Admission;
  /** Unix ms. */
  readonly now: () => number;
}

/** Durable when it is accepted: the span log has acknowledged it. */
export type ScoreIntake = { readonly kind: "accepted"; readonly score: ScoreAccepted } | Failure;

/** Takes one score from the request's headers to the span log's acknowledgement, on the way that spans take. */
export function createScoreIntake({ publisher, keys, redactor, admission, now }: ScoreIntakeParts) {
  return async function takeScore(request: IncomingMessage): Promise<ScoreIntake> {
    const grant = await grantIngest(request.headers, keys);
    if (grant.kind === "failed") return grant;
    const read = await readScore(request, admission);
    if (read.kind === "failed") return read;
    const { score } = read;
    const { id, request: span } = scoreSpan(score, timeOf(score) ?? BigInt(now()) * 1_000_000n);
    const headers = { [recordHeader.contentType]: otlpContentType.protobuf, [recordHeader.project]: grant.project };
    const told = await redactor.redact(grant.project, encodeTraces(span));
    if (told.kind === "failed") return told;
    const outcome = await publisher.publish([{ key: score.trace_id, value: told.bytes, headers }]);
    switch (outcome.kind) {
      case "acknowledged":
        return { kind: "accepted", score: { trace_id: score.trace_id, id } };
      case "rejected":
        return failed("RECORD_TOO_LARGE", outcome.message);
      case "unavailable":
        return failed("BUS_UNAVAILABLE", outcome.message, outcome.retryAfterSeconds);
    }
  };
}

async function readScore(
  request: IncomingMessage,
  admission: Admission,
): Promise<{ readonly kind: "read"; readonly score: ScoreRequest } | Failure> {
  const media = mediaTypeOf(request.headers);
  if (media.kind === "failed") return media;
  if (media.format !== "json") return failed("CONTENT_TYPE", `content-type: expected ${otlpContentType.json}`);
  const lease = admission.lease(maxScoreBytes);
  if (lease === undefined) return failed("BUS_UNAVAILABLE", "too many bytes wait for the span log", 1);
  try {
    const { compression } = media;
    const body = await readBody(request, {
      ...{ compression, maxBytes: maxScoreBytes, maxInflatedBytes: maxScoreBytes, lease },
    });
    if (body.kind === "failed") return body;
    const parsed = scoreRequestSchema.safeParse(jsonOf(body.bytes));
    if (parsed.success) return { kind: "read", score: parsed.data };
    return failed("INVALID_PARAMETER", z.prettifyError(parsed.error).replaceAll("\n", " "));
  } finally {
    lease.release();
  }
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function timeOf({ time }: ScoreRequest): bigint | undefined {
  if (time === undefined) return undefined;
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? "";
  const seconds = BigInt(Date.parse(time.replace(/\.\d+/, ""))) / 1000n;
  return seconds * 1_000_000_000n + BigInt(fraction.padEnd(9, "0"));
}
