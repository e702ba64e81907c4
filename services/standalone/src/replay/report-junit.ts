import type { ReplayReport, ReportRow } from "./report.ts";

/** Reports as JUnit XML, a case a suite and a span a test, for a CI that shows it. */
export function junitOf(reports: readonly ReplayReport[]): string {
  const suites = reports.map((report) => {
    const { spans, result, program, duration_us } = report;
    const tests = spans.map((row) => testCase(report.case, row));
    const failed = spans.filter(({ verdict }) => verdict !== "same").length;
    if (result === "failed") {
      const why =
        program.error ?? (program.signal === null ? `exit code ${program.code}` : `ended by ${program.signal}`);
      tests.push(
        `    <testcase classname="${xml(report.case)}" name="the program ends well"><failure message="${xml(why)}"/></testcase>`,
      );
    }
    const failures = failed + (result === "failed" ? 1 : 0);
    return [
      `  <testsuite name="${xml(report.case)}" tests="${tests.length}" failures="${failures}" time="${(duration_us.replayed / 1e6).toFixed(3)}">`,
      ...tests,
      "  </testsuite>",
    ].join("\n");
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join("\n")}\n</testsuites>\n`;
}

function testCase(suite: string, { name, verdict, asked, answer, miss, replayed, recorded }: ReportRow): string {
  const of = (recorded ?? replayed)!;
  const seconds = ((replayed?.duration_us ?? 0) / 1e6).toFixed(3);
  const head = `    <testcase classname="${xml(suite)}" name="${xml(`${of.span} ${name}`)}" time="${seconds}"`;
  if (verdict === "same") return `${head}/>`;
  const told = [...(miss === null ? [] : [miss]), ...[...asked, ...answer].flatMap(differenceText)].join("\n");
  return `${head}><failure message="${verdict.replace("_", " ")}">${xml(told)}</failure></testcase>`;
}

function differenceText({ path, recorded, replayed }: ReportRow["asked"][number]): string[] {
  return [path, `- ${recorded ?? ""}`, `+ ${replayed ?? ""}`];
}

/** Without what XML 1.0 cannot say at all. */
function xml(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replace(/[&<>"]/g, (letter) => `&${{ "&": "amp", "<": "lt", ">": "gt", '"': "quot" }[letter]};`);
}
