import type { ScoreKind } from "@spanhouse/schemas/api/scores";
import type { ClickHouse } from "./clickhouse.ts";
import { RowBinaryWriter } from "./row-binary.ts";
import { storableTime } from "./spans/versioned-span.ts";

/** Feedback or an evaluation on a trace or one of its spans. */
export interface Score {
  readonly project: string;
  readonly traceId: string;
  /** 16 hex digits; the same again replaces the score. */
  readonly scoreId: string;
  /** Empty: on the whole trace. */
  readonly spanId: string;
  readonly name: string;
  readonly kind: ScoreKind;
  /** Of a boolean 0 or 1, of a category 0. */
  readonly value: number;
  readonly label: string;
  readonly comment: string;
  readonly source: string;
  readonly userId: string;
  readonly environment: string;
  readonly service: string;
  readonly release: string;
  /** Unix nanoseconds. */
  readonly givenAt: bigint;
  /** 30 bits over the whole of it: which of two that were given at once counts is the same everywhere. */
  readonly contentHash: number;
  readonly instance: string;
  readonly sequence: number;
}

const columns = [
  ...["project", "trace_id", "score_id", "version", "span_id", "name", "kind", "value", "label", "comment", "source"],
  ...["user_id", "environment", "service", "release", "given_at", "instance", "sequence"],
] as const;

const kindNumbers: Readonly<Record<ScoreKind, number>> = { number: 1, category: 2, boolean: 3 };

/** Remembers scores. Idempotent: of one id the one that was given last stays. */
export async function writeScores(clickhouse: ClickHouse, scores: readonly Score[]): Promise<void> {
  if (scores.length === 0) return;
  const body = new RowBinaryWriter();
  for (const score of scores) {
    body.string(score.project);
    body.fixedHex(score.traceId, 16);
    body.fixedHex(score.scoreId, 8);
    body.uint64(versionOf(score));
    body.fixedHex(score.spanId, 8);
    body.string(score.name);
    body.uint8(kindNumbers[score.kind]);
    body.float64(score.value);
    body.string(score.label);
    body.string(score.comment);
    body.string(score.source);
    body.string(score.userId);
    body.string(score.environment);
    body.string(score.service);
    body.string(score.release);
    body.dateTime64(storableTime(score.givenAt));
    body.string(score.instance);
    body.uint64(score.sequence);
  }
  await clickhouse.insert("scores", columns, body.bytes());
}

const greatestMillis = (1n << 42n) - 1n;

function versionOf({ givenAt, contentHash }: Score): bigint {
  const millis = givenAt / 1_000_000n;
  return ((millis > greatestMillis ? greatestMillis : millis) << 22n) | BigInt(contentHash >> 8);
}
