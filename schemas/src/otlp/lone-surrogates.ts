import { Buffer } from "node:buffer";

const lone = /(\p{Surrogate})/u;

/**
 * A text with halves of surrogate pairs, as JSON may escape them (`"\ud83d"` where an emoji was cut), in bytes: each half
 * as UTF-8 would have it if it allowed it (simonsapin.github.io/wtf-8). That is invalid UTF-8, and so is flagged and kept
 * like any other; U+FFFD in its place would hide that something was lost.
 */
export function bytesOfLoneSurrogates(text: string): Buffer {
  return Buffer.concat(
    text.split(lone).map((part) => {
      if (!lone.test(part)) return Buffer.from(part, "utf8");
      const half = part.charCodeAt(0);
      return Buffer.from([0xe0 | (half >> 12), 0x80 | ((half >> 6) & 0x3f), 0x80 | (half & 0x3f)]);
    }),
  );
}
