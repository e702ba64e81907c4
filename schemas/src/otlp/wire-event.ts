import { AttributeTable, TableAttributes } from "./attribute-table.ts";
import { Cursor, WireType } from "./cursor.ts";
import type { DecodedEvent, DecodedLink, DecodedSpan } from "./decoded.ts";
import { bufferOver, clippedText } from "./text.ts";

const { fixed64, delimited } = WireType;

/** The first `mostEvents` events of a span whose message was checked. */
export function readEvents(span: Pick<DecodedSpan, "bytes" | "start" | "end">): DecodedEvent[] {
  const cursor = new Cursor(bufferOver(span.bytes), span.start);
  const table = new AttributeTable(bufferOver(span.bytes));
  return messagesOf(cursor, span.end, 11, (end) => {
    let timeUnixNano = 0n;
    let name = "";
    const first = table.rows;
    while (cursor.pos < end) {
      const tag = cursor.tag(end);
      if (tag === ((1 << 3) | fixed64)) timeUnixNano = cursor.view.getBigUint64(cursor.fixed(8, end), true);
      else if (tag === ((2 << 3) | delimited)) {
        const stop = cursor.delimited(end);
        name = clippedText(table.buffer, cursor.pos, stop);
        cursor.pos = stop;
      } else if (tag === ((3 << 3) | delimited)) table.append(cursor, cursor.delimited(end));
      else cursor.skip(tag, end);
    }
    return { timeUnixNano, name, attributes: new TableAttributes(table, first, "nested") };
  });
}

/** The first `mostEvents` links of a span whose message was checked. Ids are as on the wire, 16 bytes at most. */
export function readLinks(span: Pick<DecodedSpan, "bytes" | "start" | "end">): DecodedLink[] {
  const cursor = new Cursor(bufferOver(span.bytes), span.start);
  const table = new AttributeTable(bufferOver(span.bytes));
  return messagesOf(cursor, span.end, 13, (end) => {
    let traceId = "";
    let spanId = "";
    const first = table.rows;
    while (cursor.pos < end) {
      const tag = cursor.tag(end);
      if (tag === ((1 << 3) | delimited) || tag === ((2 << 3) | delimited)) {
        const stop = cursor.delimited(end);
        const id = table.buffer.toString("hex", cursor.pos, Math.min(stop, cursor.pos + 16));
        if (tag >> 3 === 1) traceId = id;
        else spanId = id;
        cursor.pos = stop;
      } else if (tag === ((4 << 3) | delimited)) table.append(cursor, cursor.delimited(end));
      else cursor.skip(tag, end);
    }
    return { traceId, spanId, attributes: new TableAttributes(table, first, "nested") };
  });
}

/** An SDK sends 128 at most unless told otherwise; without a bound, one hostile record would fill the memory. */
export const mostEvents = 10_000;

function messagesOf<Message>(cursor: Cursor, end: number, field: number, read: (end: number) => Message): Message[] {
  const found: Message[] = [];
  while (cursor.pos < end && found.length < mostEvents) {
    const tag = cursor.tag(end);
    if (tag === ((field << 3) | delimited)) found.push(read(cursor.delimited(end)));
    else cursor.skip(tag, end);
  }
  return found;
}
