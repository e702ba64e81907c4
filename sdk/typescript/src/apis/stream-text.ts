import { textOf, type WireText } from "../wire-text.ts";
import { type Json, parseObject } from "./json.ts";

/**
 * The raw text of a stream of server-sent events. Most events are deltas that nobody needs parsed: events are found by a
 * text in them. A JSON string has its quotes escaped, so that `"usage"` with both quotes is a field or a value.
 */
export class StreamText {
  private readonly wire: WireText;
  private units: string | undefined;

  constructor(wire: WireText) {
    this.wire = wire;
  }

  /** The same, a unit a byte where it came as bytes: what is looked for is ASCII. */
  private get text(): string {
    this.units ??= typeof this.wire === "string" ? this.wire : unitsOf(this.wire);
    return this.units;
  }

  /** Its first events, at most so many bytes of them; all of it where it is shorter. To look through a long one costs more. */
  head(most: number): StreamText {
    const { wire } = this;
    if (wire.length <= most) return this;
    const end = typeof wire === "string" ? wire.lastIndexOf("\n", most - 1) : wire.lastIndexOf(newline, most - 1);
    return new StreamText(typeof wire === "string" ? wire.slice(0, end + 1) : wire.subarray(0, end + 1));
  }

  /** The same of its last events. */
  tail(most: number): StreamText {
    const { wire } = this;
    if (wire.length <= most) return this;
    const from = wire.length - most;
    const before = typeof wire === "string" ? wire.indexOf("\n", from) : wire.indexOf(newline, from);
    const start = before < 0 ? wire.length : before + 1;
    return new StreamText(typeof wire === "string" ? wire.slice(start) : wire.subarray(start));
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

  /**
   * The events in which the pattern (a global one) stands, in order, each once. All that is looked for is looked for in one
   * pass: a pass for each costs more than the rest of a stream. JSON is written with a space after a colon, or without one.
   */
  *matching(pattern: RegExp): Iterable<Json> {
    for (let from = 0; ; ) {
      pattern.lastIndex = from;
      const at = pattern.exec(this.text)?.index;
      if (at === undefined) return;
      from = this.lineEnd(at);
      const event = this.parse(this.lineStart(at), from);
      if (event !== undefined) yield event;
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
    if (!this.text.startsWith("data:", from)) return undefined;
    const { wire } = this;
    return parseObject(typeof wire === "string" ? wire.slice(from + 5, end) : textOf(wire.subarray(from + 5, end)));
  }
}

const newline = 10;
const NodeBuffer = (globalThis as { readonly Buffer?: typeof Buffer }).Buffer;
const latin = new TextDecoder("latin1");

/** A text of one unit for each byte; what ASCII says it says, the rest it only counts. */
const unitsOf = (bytes: Uint8Array): string =>
  NodeBuffer === undefined
    ? latin.decode(bytes)
    : NodeBuffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");

export const first = <T>(items: Iterable<T>): T | undefined => {
  for (const item of items) return item;
  return undefined;
};
