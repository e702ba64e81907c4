/**
 * Literals for sets of keys, which are too many for bound parameters. Everything else a query takes is bound.
 */

export function stringLiteral(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

/** Room for the literal of an id, which is 16 bytes at most. */
const literal = Buffer.alloc(2 + 4 * 16);
const [quote, backslash, x] = [0x27, 0x5c, 0x78];

/** A FixedString from lowercase hex of at most 16 bytes; throws RangeError on anything else. */
export function fixedStringLiteral(hex: string): string {
  if (hex.length > 32 || hex.length % 2 !== 0) throw notHex(hex);
  let at = 0;
  literal[at++] = quote;
  for (let i = 0; i < hex.length; i++) {
    const digit = hex.charCodeAt(i);
    if (!((digit >= 0x30 && digit <= 0x39) || (digit >= 0x61 && digit <= 0x66))) throw notHex(hex);
    if (i % 2 === 0) {
      literal[at++] = backslash;
      literal[at++] = x;
    }
    literal[at++] = digit;
  }
  literal[at++] = quote;
  return literal.toString("latin1", 0, at);
}

function notHex(hex: string): RangeError {
  return new RangeError(`not lowercase hex of at most 16 bytes: ${JSON.stringify(hex)}`);
}

/**
 * A DateTime from minutes since the epoch, as the number that it is: a call such as toDateTime(…) in a tuple of thousands
 * would take ClickHouse longer to evaluate than the query itself.
 */
export function bucketLiteral(bucket: number): string {
  return String(bucket * 60);
}
