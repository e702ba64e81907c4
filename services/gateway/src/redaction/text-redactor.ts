import { isEventStream, rewriteEventStream } from "./event-stream.ts";
import { type Find, type Finder, isCardNumber } from "./patterns.ts";

/** Gives the text back as it is where nothing is found. What was valid JSON stays so, its numbers what they were. */
export type TextRedactor = (text: string) => string;

/** JSON in a string in JSON in a string: so deep is looked. */
const deepest = 4;
const stringOrNumber = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

export function createTextRedactor(finders: readonly Finder[], cards: boolean): TextRedactor {
  function redactPlain(text: string): string {
    let told = text;
    for (const { find, replacement } of finders) told = replaced(told, [...find(told)], replacement);
    return told;
  }

  function redactString(token: string, depth: number): string {
    const inner = token.slice(1, -1);
    if (!inner.includes("\\")) {
      const told = redactPlain(inner);
      // A custom pattern's find may begin or end anywhere; what stands in its place needs no escape.
      return told === inner ? token : `"${told}"`;
    }
    let value: unknown;
    try {
      value = JSON.parse(token);
    } catch {
      return redactPlain(token);
    }
    const told = redact(value as string, depth + 1);
    return told === value ? token : JSON.stringify(told);
  }

  function redactJson(text: string, depth: number): string {
    return text.replace(stringOrNumber, (token) => {
      if (token.startsWith('"')) return redactString(token, depth);
      return cards && token.length >= 12 && isCardNumber(token) && /^\d+$/.test(token) ? '"[redacted:card]"' : token;
    });
  }

  function redact(text: string, depth = 0): string {
    if (text.length < 5) return text;
    if (isEventStream(text)) return rewriteEventStream(text, redactPlain);
    const first = text.charCodeAt(0);
    const json = (first === 0x7b || first === 0x5b) && depth < deepest;
    return json ? redactJson(text, depth) : redactPlain(text);
  }

  return (text) => redact(text);
}

/** The text with each find replaced. */
export function replaced(text: string, finds: readonly Find[], replacement: string): string {
  if (finds.length === 0) return text;
  let told = "";
  let at = 0;
  for (const { start, end } of finds) {
    told += text.slice(at, start) + replacement;
    at = end;
  }
  return told + text.slice(at);
}
