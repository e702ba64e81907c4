import { type Schema, Validator } from "@cfworker/json-schema";

/**
 * What is wrong with a value by a schema that a trace holds; undefined where nothing is, or where the schema itself
 * cannot be read. The schema is somebody's input: it is interpreted, never compiled, and its regular expressions, which
 * could take for ever, are left out.
 */
export function schemaFault(schema: unknown, value: unknown): string | undefined {
  if (typeof schema !== "object" || schema === null) return undefined;
  try {
    const { valid, errors } = new Validator(withoutPatterns(schema) as Schema, "2020-12").validate(value);
    if (valid) return undefined;
    // The last is the innermost: the place itself.
    const at = errors.at(-1);
    return at === undefined ? "it does not match the schema" : `${at.instanceLocation}: ${at.error}`;
  } catch {
    return undefined;
  }
}

const dropped = new Set(["pattern", "patternProperties", "format"]);

/** Under these a key is a name, no keyword. */
const named = new Set(["properties", "$defs", "definitions", "dependentSchemas"]);

function withoutPatterns(schema: unknown, ofNames = false): unknown {
  if (Array.isArray(schema)) return schema.map((one) => withoutPatterns(one));
  if (typeof schema !== "object" || schema === null) return schema;
  const kept = Object.entries(schema).filter(([key]) => ofNames || !dropped.has(key));
  return Object.fromEntries(
    kept.map(([key, value]) => {
      if (ofNames) return [key, withoutPatterns(value)];
      // Gemini spells types in capitals.
      if (key === "type" && typeof value === "string") return [key, value.toLowerCase()];
      return [key, withoutPatterns(value, named.has(key))];
    }),
  );
}
