import type { Colour, Paint } from "../reading/paint.ts";
import { clipped, dollars, duration, visible } from "../reading/units.ts";
import type { Difference } from "./json-difference.ts";
import type { ReplayReport, ReportRow, Verdict } from "./report.ts";

const colours: Readonly<Record<Verdict, Colour>> = {
  same: "grey",
  changed_prompt: "yellow",
  changed_answer: "yellow",
  new: "green",
  gone: "red",
};
const shownDifferences = 8;

/** The report for a person: what differs first in the tree, then what it comes to. */
export function reportLines(report: ReplayReport, width: number, paint: Paint): string[] {
  const { spans, counts, cost, duration_us, output, findings, program, result } = report;
  const lines = [
    `${visible(report.case)}  ${report.recorded_trace_id} → ${report.replayed_trace_id || "no trace"}`,
    "",
  ];
  for (const row of spans) lines.push(...rowLines(row, width, paint));
  const words = Object.entries(counts).filter(([, count]) => count > 0);
  lines.push("", words.map(([verdict, count]) => `${count} ${verdict.replace("_", " ")}`).join(", ") || "no spans");
  const costs = `cost ${dollars(cost.recorded)} → ${dollars(cost.replayed)}`;
  lines.push(Number(cost.difference) === 0 ? costs : `${costs} (${signed(Number(cost.difference), costText)})`);
  lines.push(
    `time ${duration(duration_us.recorded)} → ${duration(duration_us.replayed)} (${signed(duration_us.difference, duration)}; answers from the recording take none)`,
  );
  lines.push(
    ...(output.differences.length === 0
      ? ["output the same"]
      : ["output differs", ...differenceLines(output.differences, 2, width, paint)]),
  );
  for (const [word, checks, colour] of [
    ["fixed", findings.fixed, "green"],
    ["still found", findings.remaining, "yellow"],
    ["new", findings.introduced, "red"],
  ] as const) {
    if (checks.length > 0) lines.push(`diagnosis: ${paint(`${word}: ${checks.join(", ")}`, colour)}`);
  }
  lines.push(...endLines(program));
  lines.push(
    paint(
      result === "same" ? "same as recorded" : result === "differs" ? "differs" : "failed",
      result === "same" ? "green" : "red",
    ),
  );
  return lines;
}

const costText = (value: number): string => dollars(String(value));

function signed(value: number, shown: (size: number) => string): string {
  return `${value < 0 ? "−" : "+"}${shown(Math.abs(value))}`;
}

function rowLines(row: ReportRow, width: number, paint: Paint): string[] {
  const { depth, name, verdict, answered_by, answered_from, miss, asked, answer } = row;
  const by =
    answered_by === "nearest"
      ? `answered from span ${answered_from}`
      : answered_by === "model"
        ? "answered by the model endpoint"
        : answered_by === "live"
          ? "ran live"
          : "";
  const indent = 2 * depth;
  const label = clipped(`${" ".repeat(indent)}${name}`, Math.max(24, width - 48)).padEnd(Math.min(56, width - 40));
  const lines = [`${label}  ${paint(verdict.replace("_", " "), colours[verdict])}${by && `  ${by}`}`];
  if (miss !== null) lines.push(paint(clipped(`${" ".repeat(indent + 2)}${miss}`, width * 2), "red"));
  lines.push(...differenceLines(asked, indent + 2, width, paint));
  if (verdict === "changed_answer") lines.push(...differenceLines(answer, indent + 2, width, paint));
  return lines;
}

function differenceLines(differences: readonly Difference[], indent: number, width: number, paint: Paint): string[] {
  const space = " ".repeat(indent);
  const lines = differences
    .slice(0, shownDifferences)
    .flatMap(({ path, recorded, replayed }) => [
      ...(path === "" ? [] : [`${space}${visible(path)}`]),
      ...(recorded === null ? [] : [paint(clipped(`${space}- ${recorded}`, width * 3), "red")]),
      ...(replayed === null ? [] : [paint(clipped(`${space}+ ${replayed}`, width * 3), "green")]),
    ]);
  const more = differences.length - shownDifferences;
  return more > 0 ? [...lines, `${space}… ${more} more places: --json shows them`] : lines;
}

function endLines({ code, signal, error }: ReplayReport["program"]): string[] {
  if (error !== undefined) return [`the program failed: ${clipped(error, 400)}`];
  if (signal !== null) return [`the program was ended by ${signal}`];
  return code === 0 ? [] : [`the program ended with exit code ${code}`];
}
