import type { InboundRecord } from "@spanhouse/bus/bus";
import type { DeadLetter } from "@spanhouse/bus/dead-letters";
import type { ErrorCode } from "@spanhouse/schemas/errors";
import type { DecodedSpan } from "@spanhouse/schemas/otlp/decoded";
import { requestOf } from "@spanhouse/schemas/otlp/split-by-trace";
import type { Stage } from "./dead-letter.ts";
import { deadLetter } from "./dead-letter.ts";

/** A span that can never be stored, and why. */
export interface SpanFailure {
  readonly project: string;
  readonly span: DecodedSpan;
  readonly code: ErrorCode;
  readonly message: string;
  readonly stage: Stage;
}

/**
 * Letters for the failed spans of one record, in the order in which they were decoded: one an error code, with a request
 * of those spans alone. Together, because each request repeats its resource, and a record may hold 100,000 spans under
 * a resource of megabytes: what leaves a record is never much larger than it.
 */
export function spanLetters(record: InboundRecord, failures: readonly SpanFailure[]): DeadLetter[] {
  const byCode = new Map<string, SpanFailure[]>();
  for (const failure of failures) {
    const others = byCode.get(failure.code);
    if (others) others.push(failure);
    else byCode.set(failure.code, [failure]);
  }
  return [...byCode.values()].map((group) => {
    const { project, code, message, stage } = group[0]!;
    return deadLetter(record, {
      project,
      code,
      stage,
      message: group.length === 1 ? message : `${message} (the first of ${group.length} spans)`,
      value: requestOf(group.map(({ span }) => span)),
    });
  });
}
