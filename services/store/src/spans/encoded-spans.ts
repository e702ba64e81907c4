import { type NativeColumn, writeBlock } from "../native-columns.ts";
import { RowBinaryWriter } from "../row-binary.ts";
import { RowChunks } from "../row-chunks.ts";
import { traceRowOf } from "../traces/row-of-span.ts";
import type { TraceRow } from "../traces/trace-row.ts";
import { writePayloadRow } from "./payload-rows.ts";
import { addSpan, createSpanColumns, type SpanColumns } from "./span-columns.ts";
import type { VersionedSpan } from "./versioned-span.ts";

/** A span whose rows are encoded, and what is still asked of it when they are. */
export interface EncodedSpan {
  readonly project: string;
  readonly traceId: string;
  /** Of its rows, among those of its batch. */
  readonly place: number;
  /** As it will be read back. */
  readonly row: TraceRow;
}

/**
 * The rows of a batch's spans in the bytes in which they are inserted. A span is encoded when it is derived, so that
 * nothing else of it lives until the batch is stored: what lives is moved by the garbage collector, which cost more than
 * to derive it.
 */
export class EncodedSpans {
  readonly #columns: SpanColumns = createSpanColumns();
  readonly #payloads = new RowChunks();
  readonly #block = new RowBinaryWriter();

  /** Throws RangeError for a span that no row can hold; then nothing of it is left. */
  add(span: VersionedSpan): EncodedSpan {
    const place = this.#payloads.length;
    this.#payloads.add((writer) => writePayloadRow(writer, span));
    try {
      addSpan(this.#columns, span);
    } catch (error) {
      this.#payloads.dropLast();
      this.#truncate(place);
      throw error;
    }
    const { project, traceId } = span.span;
    return { project, traceId, place, row: traceRowOf(span) };
  }

  /** Of the row of `spans`: payloads are never marked, as a mark is raised without them. */
  setVersion(place: number, version: bigint): void {
    this.#columns.version.replaceUnsigned(place, version);
  }

  /** A block of Native; valid until the next is asked for. */
  spanBlock(places: readonly number[]): Uint8Array {
    this.#block.reset();
    writeBlock(this.#block, this.#columns, places);
    return this.#block.bytes();
  }

  /** RowBinary; valid until spans are added. */
  payloadRows(places: readonly number[]): readonly Uint8Array[] {
    return this.#payloads.bytesOf(places);
  }

  /** Forgets all spans and keeps the memory. */
  reset(): void {
    this.#payloads.reset();
    this.#truncate(0);
  }

  #truncate(length: number): void {
    for (const column of Object.values(this.#columns) as NativeColumn[]) column.truncate(length);
  }
}
