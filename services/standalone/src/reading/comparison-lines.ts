import type { Comparison } from "@spanhouse/schemas/api/compare";
import type { Colour, Paint } from "./paint.ts";
import { clipped, dollars, duration } from "./units.ts";

type Row = Comparison["rows"][number];
type Side = NonNullable<Row["left"]>;

/** Two traces' figures, then the rows with what differs in each. */
export function comparisonLines(
  { left, right, rows, truncated }: Comparison,
  differing: number,
  width: number,
  paint: Paint,
): string[] {
  const figures = ({ trace_id, duration_us, calls, cost }: Comparison["left"]) =>
    `${trace_id}  ${duration(duration_us)}  ${calls} calls  ${dollars(cost)}`;
  return [
    clipped(`- ${figures(left)}  ${left.name}`, width),
    clipped(`+ ${figures(right)}  ${right.name}`, width),
    "",
    ...rows.map((row) => rowLine(row, width, paint)),
    ...(truncated ? ["… one of the two is larger than what is compared: the rest is left out"] : []),
    differing === 0 ? "nothing differs" : `${differing} spans differ`,
  ];
}

function rowLine(row: Row, width: number, paint: Paint): string {
  const [mark, colour] = markOf(row);
  const name = clipped(`${"  ".repeat(Math.min(row.depth, 12))}${row.name}`, Math.floor(width * 0.4));
  return `${paint(`${mark} ${name}`, colour)}  ${clipped(differences(row).join(", "), Math.floor(width * 0.55))}`.trimEnd();
}

function markOf({ left, right, ...row }: Row): [string, Colour] {
  if (left === null) return ["+", "green"];
  if (right === null) return ["-", "red"];
  return differences({ left, right, ...row }).length > 0 ? ["~", "yellow"] : [" ", "grey"];
}

function differences({ left, right, request, response }: Row): string[] {
  if (left === null || right === null) {
    const only = (left ?? right)!;
    return [`${duration(only.duration_us)} ${dollars(only.cost)}`];
  }
  const changed = (title: string, of: (side: Side) => string) =>
    of(left) === of(right) ? [] : [`${title} ${of(left)} → ${of(right)}`];
  return [
    ...(request === "different" ? ["request differs"] : []),
    ...(response === "different" ? ["answer differs"] : []),
    ...changed("model", ({ response_model }) => response_model || "none"),
    ...changed("outcome", ({ outcome }) => outcome ?? "open"),
    ...(request === "different" || response === "different" ? changed("cost", ({ cost }) => dollars(cost)) : []),
  ];
}
