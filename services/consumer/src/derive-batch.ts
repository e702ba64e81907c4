import type { InboundRecord } from "@spanhouse/bus/bus";
import type { DeadLetter } from "@spanhouse/bus/dead-letters";
import { bucketOf, quarantineBucket } from "@spanhouse/schemas/bucket";
import { contentHash } from "@spanhouse/schemas/otlp/content-hash";
import type { DecodedSpan } from "@spanhouse/schemas/otlp/decoded";
import { installationOf } from "@spanhouse/schemas/own-telemetry";
import type { DerivedSpan } from "@spanhouse/schemas/span";
import type { ErasedTrace } from "@spanhouse/store/erasure/erased-traces";
import type { ErasureList } from "@spanhouse/store/erasure/erasures";
import type { Score } from "@spanhouse/store/scores";
import type { ClosedInstance } from "@spanhouse/store/spans/deliveries";
import type { VersionedSpan } from "@spanhouse/store/spans/versioned-span";
import { versionedSpan } from "@spanhouse/store/spans/versioned-span";
import { packVersion } from "@spanhouse/store/version";
import type { Candidate, KeptSpan } from "./candidate.ts";
import { deadLetter } from "./dead-letter.ts";
import { readClose } from "./derive/close.ts";
import { readScore } from "./derive/score.ts";
import { NewestCandidates } from "./newest-candidates.ts";
import type { RecordReading } from "./record-reader.ts";
import { readRecord } from "./record-reader.ts";
import type { SpanFailure } from "./span-letters.ts";
import { spanLetters } from "./span-letters.ts";

/** Content = derive(record, code, price): what derives, and the activation numbers under which it does. */
export interface Derivation {
  readonly derive: (span: DecodedSpan, project: string) => DerivedSpan;
  readonly code: number;
  readonly price: number;
}

export interface DerivedBatch<Span extends KeptSpan> {
  /** One per key of `spans`: of several in the batch the greatest version. */
  readonly ended: readonly Candidate<Span>[];
  /** Announced and not ended. */
  readonly open: readonly VersionedSpan[];
  /** SDK instances that have said how many spans they sent. */
  readonly closed: readonly ClosedInstance[];
  readonly scores: readonly Score[];
  readonly letters: readonly DeadLetter[];
  /** Traces with a span, of whatever version, that names an erased person. */
  readonly named: readonly ErasedTrace[];
  /** There is nothing but spans of this Spanhouse about itself. */
  readonly ownTelemetryOnly: boolean;
}

export interface DeriveOptions<Span extends KeptSpan> extends RowOptions {
  /** Keeps what is needed of a row that is to be stored. A row of which it throws is set aside. */
  readonly keep: (row: VersionedSpan) => Span;
  /** Unix seconds below which a project takes no span. */
  readonly frozenUntil: (project: string) => number;
  readonly erasures: Pick<ErasureList, "erased">;
  /** Ids of this Spanhouse: its spans about itself are set aside. */
  readonly own: readonly string[];
}

/** How a span becomes a row. */
export interface RowOptions {
  readonly derivation: Derivation;
  /** The project of records that name none; empty: there is none. */
  readonly topicProject: string;
}

/** Everything of a batch that needs no I/O. Total: a record or span that cannot be taken becomes a letter. */
export function deriveBatch<Span extends KeptSpan>(
  records: readonly InboundRecord[],
  options: DeriveOptions<Span>,
): DerivedBatch<Span> {
  const ended = new NewestCandidates<Span>();
  const open: VersionedSpan[] = [];
  const closed: ClosedInstance[] = [];
  const scores: Score[] = [];
  const letters: DeadLetter[] = [];
  const named = new Map<string, ErasedTrace>();
  const seen = { own: 0, others: 0 };

  for (const record of records) {
    const reading = readSafely(record, options.topicProject);
    if (reading.kind === "unreadable") {
      seen.others += 1;
      letters.push(deadLetter(record, { ...reading, stage: "read" }));
      continue;
    }
    const { project } = reading;
    const failures: SpanFailure[] = reading.traces.rejected.map(({ span, code, message }) => ({
      project,
      span,
      code,
      message,
      stage: "read",
    }));
    seen.others += failures.length;
    const frozenUntil = options.frozenUntil(project);
    for (const span of reading.traces.spans) {
      if (options.own.length > 0 && options.own.includes(installationOf(span.resource) ?? "")) {
        const message = `span ${span.spanId} is about this Spanhouse itself; expected it at another endpoint`;
        failures.push({ project, span, code: "OWN_TELEMETRY", message, stage: "derive" });
        seen.own += 1;
        continue;
      }
      seen.others += 1;
      const close = readClose(span, project);
      if (close) {
        closed.push(close);
        continue;
      }
      const score = readScore(span, project);
      if (score) {
        scores.push(score);
        continue;
      }
      const bucket = bucketOf(span.endTimeUnixNano);
      if (bucket !== quarantineBucket && bucket * 60 < frozenUntil) {
        const message = `span ${span.spanId} ended before ${new Date(frozenUntil * 1000).toISOString()}, where its project is frozen`;
        failures.push({ project, span, code: "SPAN_FROZEN", message, stage: "derive" });
        continue;
      }
      const row = deriveRow(span, project, options.derivation);
      if (row instanceof Error) {
        failures.push(unstorable(project, span, row, "derive"));
        continue;
      }
      const { traceId, userId } = row.span;
      const userHash = options.erasures.erased(project, userId);
      if (userHash) named.set(`${userHash} ${traceId} ${project}`, { project, traceId, userHash });
      if (row.span.open) {
        open.push(row);
        continue;
      }
      const kept = resultOf(() => options.keep(row));
      if (kept instanceof Error) failures.push(unstorable(project, span, kept, "write"));
      else ended.add({ span: kept, record });
    }
    if (failures.length > 0) letters.push(...spanLetters(record, failures));
  }
  const ownTelemetryOnly = seen.own > 0 && seen.others === 0;
  return { ended: ended.candidates, open, closed, scores, letters, named: [...named.values()], ownTelemetryOnly };
}

/** Reading promises not to throw. Should it, that is a defect of ours; the record waits for its repair, the others go on. */
function readSafely(record: InboundRecord, topicProject: string): RecordReading {
  try {
    return readRecord(record, topicProject);
  } catch (error) {
    const message = `the record: ${error instanceof Error ? error.message : String(error)}`;
    return { kind: "unreadable", project: "", code: "SPAN_UNSTORABLE", message };
  }
}

/** What no code should fail on: a defect of ours, whose bytes wait for its repair. */
function unstorable(project: string, span: DecodedSpan, error: Error, stage: "derive" | "write"): SpanFailure {
  return { project, span, code: "SPAN_UNSTORABLE", message: `span ${span.spanId}: ${error.message}`, stage };
}

function deriveRow(decoded: DecodedSpan, project: string, { derive, code, price }: Derivation): VersionedSpan | Error {
  return resultOf(() => {
    const span = derive(decoded, project);
    const version = packVersion({
      erased: false,
      hasUsage: span.usageState === "exact",
      revision: span.revision,
      contentHash: contentHash(decoded, project),
      void: false,
      aggregate: false,
      code,
      price,
    });
    return versionedSpan(decoded, span, version);
  });
}

function resultOf<T>(make: () => T): T | Error {
  try {
    return make();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** The row of a span that was kept, derived once more from its record. */
export function derivedAgain({ span, record }: Candidate<KeptSpan>, options: RowOptions): VersionedSpan {
  const reading = readRecord(record, options.topicProject);
  const { traceId, row } = span;
  for (const decoded of reading.kind === "traces" ? reading.traces.spans : []) {
    if (decoded.spanId !== row.spanId || decoded.traceId !== traceId) continue;
    const again = deriveRow(decoded, span.project, options.derivation);
    if (!(again instanceof Error) && again.version === row.version && again.bucket === row.bucket) return again;
  }
  throw new Error(`span ${row.spanId} is not in the record that it came in`);
}
