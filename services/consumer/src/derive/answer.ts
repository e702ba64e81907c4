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
  readonly toolCalls?: readonly AskedToolCall[];
}

const startLimit = 400;

/** Collects an answer from its pieces, as streams bring them. */
export class AnswerCollector {
  #start = "";
  #length = 0;
  readonly #calls = new Map<unknown, { id: string; name: string }>();
  hasToolCalls = false;

  text(piece: unknown): void {
    if (typeof piece !== "string") return;
    if (this.#start.length < startLimit) this.#start += piece.slice(0, startLimit - this.#start.length);
    this.#length += piece.length;
  }

  /** `place` tells the calls of one answer apart: a stream names a call once, and goes on by its place. */
  toolCall(id: unknown, name: unknown, place: unknown = this.#calls.size): void {
    this.hasToolCalls = true;
    const known = this.#calls.get(place) ?? { id: "", name: "" };
    if (typeof id === "string") known.id ||= id;
    if (typeof name === "string") known.name ||= name;
    this.#calls.set(place, known);
  }

  get answer(): Answer {
    const answer = { start: this.#start, length: this.#length, hasToolCalls: this.hasToolCalls };
    return this.#calls.size === 0 ? answer : { ...answer, toolCalls: [...this.#calls.values()] };
  }
}
