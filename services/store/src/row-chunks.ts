import { RowBinaryWriter } from "./row-binary.ts";

const chunkBytes = 1024 * 1024;
/** Memory that a row larger than that needed is not kept for the next rows. */
const keptBytes = 2 * chunkBytes;

/** Where a row lies: in which chunk, from which byte to which. */
interface Place {
  readonly chunk: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Rows of RowBinary in chunks of about a megabyte, so that none is moved when more come. `reset` keeps the memory for the
 * rows of the next batch.
 */
export class RowChunks {
  readonly #chunks: RowBinaryWriter[] = [];
  readonly #places: Place[] = [];
  #used = 0;

  get length(): number {
    return this.#places.length;
  }

  /** What `write` throws is thrown, and nothing of the row is left. */
  add(write: (writer: RowBinaryWriter) => void): void {
    if (this.#used === 0 || this.#chunks[this.#used - 1]!.length >= chunkBytes) this.#used++;
    const chunk = this.#used - 1;
    this.#chunks[chunk] ??= new RowBinaryWriter(chunkBytes + chunkBytes / 4);
    const writer = this.#chunks[chunk];
    const start = writer.length;
    try {
      write(writer);
    } catch (error) {
      writer.truncate(start);
      throw error;
    }
    this.#places.push({ chunk, start, end: writer.length });
  }

  /** The bytes of those rows, in their order, not copied: valid until `add` or `reset`. */
  bytesOf(rows: readonly number[]): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    for (let i = 0; i < rows.length; ) {
      const { chunk, start, end: first } = this.#places[rows[i]!]!;
      let end = first;
      for (i++; i < rows.length; i++) {
        const next = this.#places[rows[i]!]!;
        if (next.chunk !== chunk || next.start !== end) break;
        end = next.end;
      }
      pieces.push(this.#chunks[chunk]!.bytes().subarray(start, end));
    }
    return pieces;
  }

  /** Takes the last row back. */
  dropLast(): void {
    const { chunk, start } = this.#places.pop()!;
    this.#chunks[chunk]!.truncate(start);
  }

  reset(): void {
    for (let i = 0; i < this.#used; i++) this.#chunks[i]!.reset();
    for (let i = this.#chunks.length - 1; i >= 0; i--) {
      if (this.#chunks[i]!.capacity > keptBytes) this.#chunks.splice(i, 1);
    }
    this.#places.length = 0;
    this.#used = 0;
  }
}
