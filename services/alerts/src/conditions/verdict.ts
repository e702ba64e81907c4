/** What a condition says of a group's window. Neither breached nor over: between the bound and where it is clear. */
export interface Verdict {
  readonly breached: boolean;
  readonly over: boolean;
  readonly value: number | null;
  /** The bound that was compared with, or what was to be expected; null: neither. */
  readonly expected: number | null;
}

/** Of every group that has one, at the end of a window (Unix s). Groups by `keyOf`. */
export interface Verdicts {
  readonly end: number;
  readonly groups: ReadonlyMap<string, Verdict>;
}

export const keyOf = (key: readonly string[]): string => JSON.stringify(key);
export const keyFrom = (text: string): readonly string[] => JSON.parse(text) as string[];

interface Bounds {
  readonly above?: number | undefined;
  readonly below?: number | undefined;
  readonly clear?: number | undefined;
}

/** `value` held against a bound above or below it, with the clear side farther in. */
export function heldAgainst({ above, below, clear }: Bounds, value: number): Pick<Verdict, "breached" | "over"> {
  if (above !== undefined) return { breached: value > above, over: value <= Math.min(above, clear ?? above) };
  const least = below ?? Number.NEGATIVE_INFINITY;
  return { breached: value < least, over: value >= Math.max(least, clear ?? least) };
}
