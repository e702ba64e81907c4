const quote = 0x22;
const backslash = 0x5c;

/**
 * OTLP needs 12 levels around an attribute's value and four for each of the `maxValueDepth` that lie within it. What is
 * nested deeper is no request, and 20 MB of brackets would take a gigabyte to parse.
 */
export const maxJsonDepth = 500;

/** Whether brackets and braces in the JSON text are nested deeper than `maxJsonDepth`. Linear; takes any bytes. */
export function isNestedTooDeep(json: Uint8Array): boolean {
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at]!;
    if (byte === quote) {
      at = stringEnd(json, at);
      continue;
    }
    // `[` and `{` differ by one bit, and so do their closings.
    const bracket = byte | 0x20;
    if (bracket === 0x7b) {
      if (++depth > maxJsonDepth) return true;
    } else if (bracket === 0x7d) depth--;
  }
  return false;
}

/** The closing quote of the string that opens at `open`; the end of the bytes if it never closes. */
function stringEnd(json: Uint8Array, open: number): number {
  let at = open;
  for (;;) {
    at = json.indexOf(quote, at + 1);
    if (at < 0) return json.length;
    let slashes = 0;
    while (json[at - 1 - slashes] === backslash) slashes++;
    if (slashes % 2 === 0) return at;
  }
}
