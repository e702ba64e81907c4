/** Bodies are read as they come: providers add fields, and compatible ones leave some out. */
export type Json = { readonly [field: string]: unknown };

export const objectOf = (value: unknown): Json | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined;

export const objectsOf = (value: unknown): readonly Json[] =>
  Array.isArray(value) ? value.filter((item) => objectOf(item) !== undefined) : [];

/** A text that is not empty. */
export const wordOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

export const numberOf = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined;

export const parseObject = (text: string): Json | undefined => {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return undefined;
  }
};
