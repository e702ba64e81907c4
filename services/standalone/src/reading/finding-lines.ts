import type { Diagnosis, Finding } from "@spanhouse/schemas/api/diagnosis";
import type { Colour, Paint } from "./paint.ts";
import { clipped } from "./units.ts";

const colours: Readonly<Record<Finding["severity"], Colour>> = { error: "red", warning: "yellow", info: "blue" };

/** Each finding with its evidence and its fix; what was not looked at is said at the end. */
export function findingLines({ findings, spans, examined }: Diagnosis, width: number, paint: Paint): string[] {
  const lines = findings.flatMap(({ check, severity, span_id, evidence, says, fix }) => {
    const { field, start, end } = evidence;
    const bytes = start === null ? "" : ` bytes ${start}–${end}`;
    const where = field === null ? "" : ` in ${field}${bytes} of ${evidence.span_id}`;
    return [
      `${paint(severity, colours[severity])}  ${check}  span ${span_id}`,
      `  ${clipped(says, width * 3)}`,
      `  seen${where}: ${clipped(evidence.text, width)}`,
      `  fix: ${fix}`,
      "",
    ];
  });
  const looked = examined < spans ? `the first ${examined} of ${spans} spans` : `${spans} spans`;
  return [...lines, `${findings.length === 0 ? "nothing found" : `${findings.length} findings`} in ${looked}`];
}
