import { type Json, parseObject } from "./json.ts";

/**
 * The raw text of a stream of server-sent events. Most events are deltas that nobody needs parsed: events are found by a
 * text in them. A JSON string has its quotes escaped, so that `"usage"` with both quotes is a field or a value.
 */
export class StreamText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Events in order, each parsed when it is asked for. */
  *events(): Iterable<Json> {
    for (let at = this.text.indexOf("data:"); at >= 0; at = this.text.indexOf("\ndata:", at)) {
      const end = this.lineEnd(at + 1);
      const event = this.parse(at, end);
      if (event !== undefined) yield event;
      at = end;
    }
  }

  /** The events in which a match of the pattern lies, in order. The pattern needs the flag `g`. */
  *matching(pattern: RegExp): Iterable<Json> {
    pattern.lastIndex = 0;
    while (pattern.test(this.text)) {
      const at = pattern.lastIndex;
      const end = this.lineEnd(at);
      const event = this.parse(this.lineStart(at), end);
      pattern.lastIndex = end;
      if (event !== undefined) yield event;
      pattern.lastIndex = end;
    }
  }

  /** The events in which the text stands, from the last to the first. */
  *backward(needle: string): Iterable<Json> {
    for (let at = this.text.lastIndexOf(needle); at >= 0; ) {
      const start = this.lineStart(at);
      const event = this.parse(start, this.lineEnd(at));
      if (event !== undefined) yield event;
      at = start === 0 ? -1 : this.text.lastIndexOf(needle, start - 1);
    }
  }

  has(needle: string): boolean {
    return this.text.includes(needle);
  }

  private lineStart(at: number): number {
    return this.text.lastIndexOf("\n", at) + 1;
  }

  private lineEnd(at: number): number {
    const end = this.text.indexOf("\n", at);
    return end < 0 ? this.text.length : end;
  }

  private parse(start: number, end: number): Json | undefined {
    const from = this.text[start] === "\n" ? start + 1 : start;
    return this.text.startsWith("data:", from) ? parseObject(this.text.slice(from + 5, end)) : undefined;
  }
}

export const first = <T>(items: Iterable<T>): T | undefined => {
  for (const item of items) return item;
  return undefined;
};
