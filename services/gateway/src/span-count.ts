import { Cursor, WireType } from "@spanhouse/schemas/otlp/cursor";

const { delimited } = WireType;
const resourceSpans = (1 << 3) | delimited;
const scopeSpans = (2 << 3) | delimited;
/** `instrumentation_library_spans` of OTLP before 0.15. */
const librarySpans = (1000 << 3) | delimited;
const span = (2 << 3) | delimited;

/**
 * Counts the spans of an ExportTraceServiceRequest without decoding them, up to one more than `limit`: two bytes are a
 * span, so that a few megabytes could ask for a decoded object each. Malformed bytes end the count; decoding names them.
 */
export function countSpans(bytes: Uint8Array, limit: number): number {
  const cursor = new Cursor(bytes);
  let count = 0;

  function walk(end: number, depth: 0 | 1 | 2): void {
    while (cursor.pos < end && count <= limit) {
      const tag = cursor.tag(end);
      if (depth === 2) {
        if (tag === span) count++;
        cursor.skip(tag, end);
      } else if (depth === 1 ? tag === scopeSpans || tag === librarySpans : tag === resourceSpans) {
        walk(cursor.delimited(end), depth === 0 ? 1 : 2);
      } else cursor.skip(tag, end);
    }
  }

  walk(bytes.length, 0);
  return count;
}
