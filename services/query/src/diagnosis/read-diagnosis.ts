import type { Diagnosis } from "@spanhouse/schemas/api/diagnosis";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { readAnnouncedSpans } from "@spanhouse/store/readers/announced-spans";
import type { ProjectReader } from "@spanhouse/store/readers/project-reader";
import { readTrace } from "@spanhouse/store/readers/traces";
import { diagnose } from "./diagnose.ts";
import { readBaselines } from "./read-baselines.ts";
import { readDiagnosedSpans } from "./read-diagnosed-spans.ts";

/** Throws NOT_FOUND where the project has no such trace. */
export async function readDiagnosis(reader: ProjectReader, traceId: string): Promise<Diagnosis> {
  const [trace, open, { total, spans }] = await Promise.all([
    readTrace(reader, traceId),
    readAnnouncedSpans(reader, [traceId]),
    readDiagnosedSpans(reader, traceId),
  ]);
  if (trace === undefined) {
    throw new SpanhouseError("NOT_FOUND", `Trace ${traceId} of the project has no span that has ended.`);
  }
  const whole = spans.length === total && open.length === 0 && trace.missing_parents === 0;
  const findings = diagnose(spans, { whole, baselines: await readBaselines(reader, spans) });
  return { trace_id: traceId, findings, spans: total, examined: spans.length };
}
