const number = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** JSON text in which every integer that a double may not hold is a string of its digits. Linear in the text. */
export function quoteLargeIntegers(text: string): string {
  let out = "";
  let copied = 0;
  let at = 0;
  for (;;) {
    const quote = text.indexOf('"', at);
    const stop = quote < 0 ? text.length : quote;
    if (stop - at >= 16) {
      const between = text.slice(at, stop);
      const quoted = between.replace(number, (token) => (isLarge(token) ? `"${token}"` : token));
      if (quoted !== between) {
        out += text.slice(copied, at) + quoted;
        copied = stop;
      }
    }
    if (quote < 0) break;
    at = stringEnd(text, quote);
  }
  return copied === 0 ? text : out + text.slice(copied);
}

/** 16 digits may exceed 2^53. */
function isLarge(token: string): boolean {
  return token.length >= 16 && !/[.eE]/.test(token);
}

/** Behind the closing quote of the string that opens at `open`; the end of the text if it never closes. */
function stringEnd(text: string, open: number): number {
  let at = open;
  for (;;) {
    at = text.indexOf('"', at + 1);
    if (at < 0) return text.length;
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === 0x5c) slashes++;
    if (slashes % 2 === 0) return at + 1;
  }
}
