import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { z } from "zod";

/**
 * Cursors are places in a list, bound to what was asked: with other filters, or another project's key, they are none.
 * They grant nothing, so they are not signed; what they hold is parsed like any parameter.
 */
export interface CursorForm<Place> {
  encode(place: Place): string;
  /** Throws INVALID_CURSOR. */
  decode(text: string): Place;
}

/** `question` names all that must be the same when the cursor comes back. */
export function cursorForm<Place>(place: z.ZodType<Place>, question: readonly unknown[]): CursorForm<Place> {
  const fingerprint = createHash("sha256").update(JSON.stringify(question)).digest("base64url").slice(0, 16);
  const form = z.tuple([z.literal(fingerprint), place]);
  return {
    encode: (value) => Buffer.from(JSON.stringify([fingerprint, value])).toString("base64url"),
    decode(text) {
      const bytes = Buffer.from(text, "base64url");
      const parsed = form.safeParse(parseJson(bytes.toString("utf8")));
      // Node skips what is not base64url: only what it would write itself is a cursor.
      if (parsed.success && bytes.toString("base64url") === text) return parsed.data[1];
      throw new SpanhouseError(
        "INVALID_CURSOR",
        "cursor: expected next_cursor of a page that was asked for with the same parameters.",
      );
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
