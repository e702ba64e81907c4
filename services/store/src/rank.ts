/**
 * The rank (UInt128) of everything that is computed from rows of `spans`: code << 112 | sum of the rows' versions.
 * Rows only rise, so of two snapshots the later has the greater sum, and equal sums mean equal rows: the greatest rank
 * is the newest truth whoever wrote it, and however late the write came through.
 */

/** Raise it when slices or summaries compute something else from the same rows. */
export const rollCode = 2n;

/** Never outranked: what says that a summary lies elsewhere. */
export const tombstoneRank = (1n << 128n) - 1n;

const codeShift = 112n;

export function rankOf(rows: Iterable<{ readonly version: bigint }>): bigint {
  let sum = 0n;
  for (const row of rows) sum += row.version;
  return (rollCode << codeShift) | sum;
}
