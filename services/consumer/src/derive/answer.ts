/** A call that an answer asks the program to make; what a provider runs itself is none. */
export interface AskedToolCall {
  /** Empty where the provider gives none. */
  readonly id: string;
  readonly name: string;
}

/** What classification needs of an answer's text, never the whole of it; and the tools that it calls. */
export interface Answer {
  /** The first 400 characters. */
  readonly start: string;
  /** Characters of the whole. */
  readonly length: number;
  readonly hasToolCalls: boolean;
  /** Absent: none was read. */
  readonly toolCalls?: readonly AskedToolCall[] | undefined;
}

const startLimit = 400;

/** Collects an answer from its pieces, as streams bring them. */
export class AnswerCollector {
  #start = "";
  #length = 0;
  /** Absent until a tool is called: most answers call none. */
  #calls: Map<unknown, { id: string; name: string }> | undefined = undefined;
  hasToolCalls = false;

  text(piece: unknown): void {
    if (typeof piece !== "string") return;
    if (this.#start.length < startLimit) this.#start += piece.slice(0, startLimit - this.#start.length);
    this.#length += piece.length;
  }

  /** `place` tells the calls of one answer apart: a stream names a call once, and goes on by its place. */
  toolCall(id: unknown, name: unknown, place?: unknown): void {
    this.hasToolCalls = true;
    this.#calls ??= new Map();
    const at = place === undefined ? this.#calls.size : place;
    const known = this.#calls.get(at) ?? { id: "", name: "" };
    if (typeof id === "string") known.id ||= id;
    if (typeof name === "string") known.name ||= name;
    this.#calls.set(at, known);
  }

  get answer(): Answer {
    return {
      start: this.#start,
      length: this.#length,
      hasToolCalls: this.hasToolCalls,
      toolCalls: this.#calls && [...this.#calls.values()],
    };
  }
}
