import { type Slice, sliceLength } from "@spanhouse/schemas/slice";

/** No text column of `spans` is longer, in UTF-16 units. */
export const shortTextLimit = 200;

/** UTF-8 needs at most three bytes a UTF-16 unit. */
const bytesForLimit = (shortTextLimit + 1) * 3;

/** The text cut to the limit, never inside a surrogate pair. */
export function clip(text: string): string {
  if (text.length <= shortTextLimit) return text;
  const last = text.charCodeAt(shortTextLimit - 1);
  const splitsPair = last >= 0xd800 && last < 0xdc00;
  return text.slice(0, splitsPair ? shortTextLimit - 1 : shortTextLimit);
}

/** The beginning of a slice, enough for `clip`: a long text makes no long string. */
export function startOf(slice: Slice): Slice {
  return sliceLength(slice) <= bytesForLimit ? slice : { ...slice, end: slice.start + bytesForLimit };
}

/** The first line that says anything, cut to the limit. */
export function firstLine(text: string): string {
  const line = /\S[^\r\n]*/.exec(text);
  return line ? clip(line[0].trimEnd()) : "";
}
