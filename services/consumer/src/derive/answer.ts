/** What classification needs of an answer's text; never the whole of it. */
export interface Answer {
  /** The first 400 characters. */
  readonly start: string;
  /** Characters of the whole. */
  readonly length: number;
  readonly hasToolCalls: boolean;
}

const startLimit = 400;

/** Collects an answer from its pieces, as streams bring them. */
export class AnswerCollector {
  #start = "";
  #length = 0;
  hasToolCalls = false;

  text(piece: unknown): void {
    if (typeof piece !== "string") return;
    if (this.#start.length < startLimit) this.#start += piece.slice(0, startLimit - this.#start.length);
    this.#length += piece.length;
  }

  get answer(): Answer {
    return { start: this.#start, length: this.#length, hasToolCalls: this.hasToolCalls };
  }
}
