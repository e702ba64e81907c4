import { createHash } from "node:crypto";
import type { DeriveSpan } from "@spanhouse/consumer/derive/derive-span";
import { diagnose } from "@spanhouse/query/diagnosis/diagnose";
import type { DiagnosisCheck } from "@spanhouse/schemas/api/diagnosis";
import type { SpanDetail } from "@spanhouse/schemas/api/spans";
import { renderMessages } from "@spanhouse/schemas/messages/render-messages";
import { formatDollars, parseDollars } from "@spanhouse/schemas/money";
import { alignRuns } from "./align-runs.ts";
import type { Case } from "./case-file.ts";
import { caseOfSpans } from "./case-of-spans.ts";
import { type Difference, differencesOf } from "./json-difference.ts";
import { type RecordedSpan, recordingOf } from "./recording.ts";
import type { Answered, ReplayRun } from "./replay-run.ts";
import { detailsOfCase } from "./spans-of-case.ts";

/**
 * `changed_prompt`: it asked something else (of a tool: it was called with other arguments). `changed_answer`: it asked
 * the same and got, or made, something else.
 */
export const verdicts = ["same", "changed_prompt", "changed_answer", "new", "gone"] as const;
export type Verdict = (typeof verdicts)[number];

/** Of a run, how its program ended; `error` where it ran in a test. */
export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: string | null;
  readonly error?: string | undefined;
}

interface Side {
  readonly span: number;
  readonly duration_us: number;
  readonly cost: string;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly outcome: string | null;
}

export interface ReportRow {
  readonly depth: number;
  readonly name: string;
  readonly role: string;
  readonly verdict: Verdict;
  readonly recorded: Side | null;
  readonly replayed: Side | null;
  /** Null for what asks nothing of the world, and for what is gone. */
  readonly answered_by: Answered["by"] | null;
  /** The recorded span whose answer was given, where it had not been asked the same. */
  readonly answered_from: number | null;
  /** Why it failed, where nothing was recorded for it. */
  readonly miss: string | null;
  /** What it asks, recorded and replayed. */
  readonly asked: readonly Difference[];
  readonly answer: readonly Difference[];
}

/** What `--json` prints. `same` is the whole: nothing differs, and the program ended well. */
export interface ReplayReport {
  readonly version: 1;
  readonly case: string;
  readonly recorded_trace_id: string;
  readonly replayed_trace_id: string;
  readonly result: "same" | "differs" | "failed";
  readonly program: ProgramEnd;
  readonly counts: Readonly<Record<Verdict, number>>;
  readonly spans: readonly ReportRow[];
  readonly cost: { readonly recorded: string; readonly replayed: string; readonly difference: string };
  readonly duration_us: { readonly recorded: number; readonly replayed: number; readonly difference: number };
  /** What the root said it gave, else the text of the last model's answer. */
  readonly output: {
    readonly recorded: string;
    readonly replayed: string;
    readonly differences: readonly Difference[];
  };
  /** What `diagnose` finds in one and not in the other, by its checks. */
  readonly findings: {
    readonly fixed: readonly DiagnosisCheck[];
    readonly remaining: readonly DiagnosisCheck[];
    readonly introduced: readonly DiagnosisCheck[];
  };
  /** SHA-256 of all but ids and times: equal where two replays went alike. */
  readonly fingerprint: string;
}

export interface Reported {
  readonly report: ReplayReport;
  /** The new run, as a case that can be kept. */
  readonly replayed: Case;
}

/** What a run made of its case. Deterministic but for times and ids. */
export function reportOf(run: ReplayRun, program: ProgramEnd, derive: DeriveSpan): Reported {
  const { recorded } = run;
  const made = caseOfSpans(run.requests, { name: recorded.name, redact: recorded.redact });
  const replayed = recordingOf(made.case).spans;
  const answered = new Map<RecordedSpan, Answered>();
  for (const [id, answer] of run.answered) {
    const span = replayed[(made.ordinals.get(id) ?? 0) - 1];
    if (span !== undefined) answered.set(span, answer);
  }
  const matches = new Map<RecordedSpan, RecordedSpan>();
  for (const [span, { match }] of answered) if (match !== undefined) matches.set(span, match);

  const details = { recorded: detailsOfCase(derive, recorded), replayed: detailsOfCase(derive, made.case) };
  const aligned = alignRuns({
    recorded: run.spans,
    replayed,
    matches,
    labelOf: ({ what, of, name }) => (what === "model" ? what : `${what} ${of || name}`),
    orderOf: ({ what, of, name, asked, span }) =>
      `${what} ${of || name} ${asked ?? ""} ${String(span).padStart(9, "0")}`,
  });
  const rows = aligned.map((row): ReportRow => {
    const of = (row.recorded ?? row.replayed)!;
    const answer = row.replayed && answered.get(row.replayed);
    const [left, right] = [row.recorded, row.replayed];
    const asked = left && right ? differencesOf(askedOf(left), askedOf(right)) : [];
    // Vectors that were not kept come from the recording as others.
    const vectors = answer?.by === "recording" ? /(?<=spanhouse:media:)\w+/g : /$^/;
    const [gave, gives] = [left, right].map((one) => one && answerOf(one).replace(vectors, ""));
    const told = gave !== undefined && gives !== undefined ? differencesOf(gave, gives) : [];
    return {
      depth: row.depth,
      name: (right ?? of).name,
      role: of.what,
      verdict: verdictOf(row, asked, told),
      recorded: left ? sideOf(left, details.recorded) : null,
      replayed: right ? sideOf(right, details.replayed) : null,
      answered_by: answer?.by ?? null,
      answered_from: answer?.by === "nearest" ? (answer.from?.span ?? null) : null,
      miss: answer?.message ?? null,
      asked,
      answer: told,
    };
  });

  const counts = Object.fromEntries(verdicts.map((one) => [one, rows.filter(({ verdict }) => verdict === one).length]));
  // In the order of the rows: that of concurrent calls in the replay is open.
  const output = {
    recorded: outputOf(
      aligned.flatMap(({ recorded: one }) => one ?? []),
      details.recorded,
    ),
    replayed: outputOf(
      aligned.flatMap(({ replayed: one }) => one ?? []),
      details.replayed,
    ),
  };
  const took = { recorded: lengthOf(recorded), replayed: lengthOf(made.case) };
  const cost = { recorded: costOf(details.recorded), replayed: costOf(details.replayed) };
  const differences = differencesOf(output.recorded, output.replayed);
  const endedWell = program.code === 0 && program.signal === null && program.error === undefined;
  // What went the same is as it was: of concurrent spans the times of the replay would say another order.
  const isUnchanged = counts.same === rows.length;
  const findings = findingsOf(details.recorded, isUnchanged ? details.recorded : details.replayed);
  const same = isUnchanged && differences.length === 0;
  const result = !endedWell ? "failed" : same ? "same" : "differs";
  const stable = rows.map(({ recorded: left, replayed: right, ...row }) => [row, untimed(left), untimed(right)]);
  return {
    replayed: made.case,
    report: {
      version: 1,
      case: recorded.name,
      recorded_trace_id: recorded.traceId,
      replayed_trace_id: made.case.traceId,
      result,
      program,
      counts: counts as Record<Verdict, number>,
      spans: rows,
      cost: {
        recorded: formatDollars(cost.recorded),
        replayed: formatDollars(cost.replayed),
        difference: formatDollars(cost.replayed - cost.recorded),
      },
      duration_us: { ...took, difference: took.replayed - took.recorded },
      output: { ...output, differences },
      findings,
      fingerprint: createHash("sha256")
        .update(JSON.stringify([recorded.name, result, program, stable, String(cost.replayed), output, findings]))
        .digest("hex"),
    },
  };
}

function verdictOf(
  { recorded, replayed }: { readonly recorded: unknown; readonly replayed: unknown },
  asked: readonly Difference[],
  answer: readonly Difference[],
): Verdict {
  if (recorded === undefined) return "new";
  if (replayed === undefined) return "gone";
  if (asked.length > 0) return "changed_prompt";
  return answer.length > 0 ? "changed_answer" : "same";
}

function askedOf({ texts }: RecordedSpan): string {
  return texts.request ?? texts.arguments ?? texts.query ?? texts.input ?? "";
}

/** With how it ended: a tool that fails where it gave nothing is another one. */
function answerOf({ texts, error, attributes }: RecordedSpan): string {
  const said = texts.response ?? texts.result ?? texts.documents ?? texts.output ?? "";
  const status = attributes["http.response.status_code"];
  const ending = [error, typeof status === "number" && status >= 400 ? status : undefined];
  return ending.every((one) => one === undefined)
    ? said
    : [...ending, said].filter((one) => one !== undefined).join("\n");
}

function sideOf({ span, durationUs }: RecordedSpan, details: readonly SpanDetail[]): Side {
  const detail = details[span - 1];
  return {
    span,
    duration_us: durationUs,
    cost: detail?.cost ?? "0",
    input_tokens: detail?.input_tokens ?? 0,
    output_tokens: detail?.output_tokens ?? 0,
    outcome: detail?.outcome ?? null,
  };
}

function untimed(side: Side | null): unknown {
  if (side === null) return null;
  const { cost, input_tokens, output_tokens, outcome } = side;
  return [cost, input_tokens, output_tokens, outcome];
}

function costOf(details: readonly SpanDetail[]): bigint {
  return details.reduce((sum, { role, cost }) => (role === "model" ? sum + parseDollars(cost) : sum), 0n);
}

function lengthOf({ spans }: Case): number {
  return spans.reduce((most, { startUs, durationUs }) => Math.max(most, startUs + durationUs), 0);
}

function outputOf(spans: readonly RecordedSpan[], details: readonly SpanDetail[]): string {
  const [root] = spans;
  if (root?.texts.output !== undefined) return root.texts.output;
  const last = spans.findLast(({ what, texts }) => what === "model" && texts.response !== undefined);
  const detail = last && details[last.span - 1];
  if (detail === undefined) return "";
  const { output } = renderMessages(detail);
  return output
    .flatMap(({ parts }) => parts)
    .map((part) => (part.type === "text" || part.type === "refusal" ? part.content : ""))
    .join("");
}

/** Calls that could run at once are found by how long they take, which a replay does not tell. */
const byTime: ReadonlySet<DiagnosisCheck> = new Set(["sequential_calls"]);

function findingsOf(recorded: readonly SpanDetail[], replayed: readonly SpanDetail[]): ReplayReport["findings"] {
  const checksOf = (details: readonly SpanDetail[]): DiagnosisCheck[] => [
    ...new Set(
      diagnose(details.slice(0, mostDiagnosed), { whole: details.length <= mostDiagnosed }).map(({ check }) => check),
    ),
  ];
  const [before, after] = [checksOf(recorded), checksOf(replayed)].map((all) => all.filter((one) => !byTime.has(one)));
  return {
    fixed: before!.filter((check) => !after!.includes(check)),
    remaining: before!.filter((check) => after!.includes(check)),
    introduced: after!.filter((check) => !before!.includes(check)),
  };
}

/** As the query API: the checks compare texts with texts. */
const mostDiagnosed = 300;
