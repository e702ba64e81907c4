import type { CommandContext } from "../command.ts";

const codes = { red: 31, green: 32, yellow: 33, blue: 34, cyan: 36, grey: 90 } as const;
export type Colour = keyof typeof codes;

export type Paint = (text: string, colour: Colour) => string;

/** In a terminal, unless NO_COLOR has a value (https://no-color.org). */
export function paintFor({ environment, terminal }: Pick<CommandContext, "environment" | "terminal">): Paint {
  const paints = terminal !== undefined && !environment.NO_COLOR;
  return (text, colour) => (paints && text !== "" ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text);
}

/** Characters of a line. */
export function widthOf({ environment, terminal }: Pick<CommandContext, "environment" | "terminal">): number {
  const width = terminal?.columns || Number(environment.COLUMNS) || 120;
  return Math.min(400, Math.max(60, Math.floor(width)));
}
