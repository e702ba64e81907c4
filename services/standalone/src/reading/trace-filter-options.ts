import { traceFilterParameters } from "@spanhouse/schemas/api/trace-filters";

const names = Object.keys(traceFilterParameters) as readonly (keyof typeof traceFilterParameters)[];
const optionOf = (name: string) => name.replaceAll("_", "-");

/** Every filter of traces that the query API has, as an option: `min_cost` is `--min-cost`. */
export const traceFilterOptions: Readonly<Record<string, { readonly type: "string" }>> = Object.fromEntries(
  names.map((name) => [optionOf(name), { type: "string" as const }]),
);

export const traceFilterUsage = `  filters       ${wrapped(names.map((name) => `--${optionOf(name)}`))}`;

/** The filters among the options that were given, by their names in the API. */
export function traceFilters(values: Readonly<Record<string, unknown>>): Record<string, string | undefined> {
  return Object.fromEntries(names.map((name) => [name, values[optionOf(name)] as string | undefined]));
}

function wrapped(words: readonly string[]): string {
  const lines = [""];
  for (const word of words) {
    if (lines.at(-1)!.length + word.length > 100) lines.push("");
    lines[lines.length - 1] = `${lines.at(-1)} ${word}`.trim();
  }
  return lines.join("\n                ");
}
