import { type Cursor, WireType } from "./cursor.ts";
import { validUtf8 } from "./text.ts";

/** How deep arrays and maps may lie in each other in one attribute. */
export const maxValueDepth = 100;

/** Which fields of a message hold text or messages; all others are scalars, bytes or unknown. */
export type Shape = { [field: number]: Shape | "text" | undefined };

const keyValue: Shape = { 1: "text" };
export const anyValueShape: Shape = { 1: "text" };
/** ArrayValue holds AnyValues, KeyValueList holds KeyValues. */
export const arrayShape: Shape = { 1: anyValueShape };
export const kvlistShape: Shape = { 1: keyValue };
keyValue[2] = anyValueShape;
anyValueShape[5] = arrayShape;
anyValueShape[6] = kvlistShape;

export const resourceShape: Shape = { 1: keyValue };
export const scopeShape: Shape = { 1: "text", 2: "text", 3: keyValue };
export const eventShape: Shape = { 2: "text", 3: keyValue };
export const linkShape: Shape = { 3: "text", 4: keyValue };

/** Walks the message up to `end` and all messages in it; whatever is wrong is the cursor's failure. */
export function checkMessage(cursor: Cursor, end: number, shape: Shape, depth = 0): void {
  while (cursor.pos < end) {
    const tag = cursor.tag(end);
    const inner = (tag & 7) === WireType.delimited ? shape[tag >>> 3] : undefined;
    if (inner === undefined || inner === "text") {
      cursor.skip(tag, end);
      continue;
    }
    const deeper = inner === anyValueShape ? depth + 1 : depth;
    if (deeper > maxValueDepth) {
      cursor.fail("OTLP_WIRE", `the attribute value at byte ${cursor.pos} is nested deeper than ${maxValueDepth}`);
      return;
    }
    checkMessage(cursor, cursor.delimited(end), inner, deeper);
  }
}

/** Whether all texts in a checked message are UTF-8. */
export function textsAreUtf8(cursor: Cursor, end: number, shape: Shape): boolean {
  let valid = true;
  while (cursor.pos < end) {
    const tag = cursor.tag(end);
    const inner = (tag & 7) === WireType.delimited ? shape[tag >>> 3] : undefined;
    if (inner === undefined) {
      cursor.skip(tag, end);
      continue;
    }
    const stop = cursor.delimited(end);
    if (inner !== "text") valid = textsAreUtf8(cursor, stop, inner) && valid;
    else {
      valid &&= validUtf8(cursor.bytes, cursor.pos, stop);
      cursor.pos = stop;
    }
  }
  return valid;
}
