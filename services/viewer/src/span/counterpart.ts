import type { SpanTable } from "../trace/span-table.ts";

/** The span of another trace that does the same: the n-th of its name and role there, as it is the n-th here. */
export function counterpartOf(table: SpanTable, index: number, other: SpanTable): number | undefined {
  const { name, role } = table.node(index);
  const isSame = (candidate: { name: string; role: string }) => candidate.name === name && candidate.role === role;
  let before = 0;
  for (let at = 0; at < index; at++) if (isSame(table.node(at))) before++;
  let last: number | undefined;
  for (let at = 0; at < other.size; at++) {
    if (!isSame(other.node(at))) continue;
    last = at;
    if (before-- === 0) return at;
  }
  // There are fewer there: the last one is the nearest.
  return last;
}
