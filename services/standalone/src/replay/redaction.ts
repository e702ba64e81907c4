import { SpanhouseError } from "@spanhouse/schemas/errors";
import { z } from "zod";

/** What is taken out of the texts of a case: each match of the pattern becomes `[name]`. */
export const redactionSchema = z.strictObject({ name: z.string(), pattern: z.string() });
export type Redaction = z.infer<typeof redactionSchema>;

/** Patterns that have a name. They err on the side of taking out too much. */
const named: Readonly<Record<string, string>> = {
  email: "[\\p{L}\\p{N}._%+-]+@[\\p{L}\\p{N}.-]+\\.\\p{L}{2,}",
  phone: "(?<![\\w.])\\+?\\d[\\d ()/-]{7,}\\d(?![\\w.])",
  card: "(?<!\\d)(?:\\d[ -]?){12,18}\\d(?!\\d)",
  ip: "(?<![\\d.])(?:\\d{1,3}\\.){3}\\d{1,3}(?![\\d.])",
};

/** Of `--redact`: a name of the list, or `NAME=REGULAR-EXPRESSION`. Throws CONFIG for what is neither. */
export function redactionOf(text: string): Redaction {
  const known = named[text];
  if (known !== undefined) return { name: text, pattern: known };
  const at = text.indexOf("=");
  const redaction = { name: text.slice(0, at), pattern: text.slice(at + 1) };
  try {
    if (at > 0 && redaction.pattern !== "" && !new RegExp(redaction.pattern, "gu").test("")) return redaction;
  } catch {
    // Said below, with what would have been right.
  }
  throw new SpanhouseError(
    "CONFIG",
    `--redact: expected ${Object.keys(named).join(", ")}, or NAME=REGULAR-EXPRESSION that does not match the empty text; got ${JSON.stringify(text)}`,
  );
}

/** Names of the list that texts have matches of, but for `phone`, which many numbers look like. */
export function personalIn(texts: readonly string[]): string[] {
  return Object.entries(named)
    .filter(([name, pattern]) => name !== "phone" && texts.some((text) => new RegExp(pattern, "u").test(text)))
    .map(([name]) => name);
}

export type Redact = (text: string) => string;

export function redactor(redactions: readonly Redaction[]): Redact {
  const patterns = redactions.map(({ name, pattern }) => ({ name: `[${name}]`, pattern: new RegExp(pattern, "gu") }));
  return (text) => patterns.reduce((rest, { name, pattern }) => rest.replace(pattern, () => name), text);
}
