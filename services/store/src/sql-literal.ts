/**
 * Literals for sets of keys, which are too many for bound parameters. Everything else a query takes is bound.
 */

export function stringLiteral(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

/** A FixedString from lowercase hex; throws RangeError on anything else. */
export function fixedStringLiteral(hex: string): string {
  if (!/^(?:[0-9a-f]{2})*$/.test(hex)) throw new RangeError(`not lowercase hex: ${JSON.stringify(hex)}`);
  return `'${hex.replaceAll(/../g, "\\x$&")}'`;
}

/**
 * A DateTime from minutes since the epoch, as the number that it is: a call such as toDateTime(…) in a tuple of thousands
 * would take ClickHouse longer to evaluate than the query itself.
 */
export function bucketLiteral(bucket: number): string {
  return String(bucket * 60);
}
