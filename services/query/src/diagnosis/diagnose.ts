import { diagnosisChecks, type Finding, severities } from "@spanhouse/schemas/api/diagnosis";
import type { SpanDetail } from "@spanhouse/schemas/api/spans";
import type { Baselines } from "./baselines.ts";
import { checks } from "./checks.ts";
import { diagnosedTrace } from "./diagnosed-trace.ts";

/**
 * What is wrong with a trace, by its spans that count and their texts: the severe before the others, then by start. Pure.
 * `whole`: all of the trace's spans have ended and are given; else nothing is said to be missing.
 */
export function diagnose(
  spans: readonly SpanDetail[],
  { whole, baselines = new Map() }: { readonly whole: boolean; readonly baselines?: Baselines },
): Finding[] {
  const trace = diagnosedTrace(spans, { whole, baselines });
  const place = new Map(
    [...trace.calls, ...trace.tools, ...trace.retrievals].map(({ facts, start }) => [facts.span_id, start]),
  );
  const findings = diagnosisChecks.flatMap((check) => checks[check](trace).map((seen) => ({ check, ...seen })));
  return findings.sort((a, b) => {
    const severe = severities.indexOf(a.severity) - severities.indexOf(b.severity);
    return severe || Number((place.get(a.span_id) ?? 0n) - (place.get(b.span_id) ?? 0n));
  });
}
