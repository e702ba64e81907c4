import { SpanhouseError } from "@spanhouse/schemas/errors";
import { parse as parseYaml } from "yaml";

/** A text is YAML, of which JSON is a part. */
export function contentOf(rule: unknown): unknown {
  if (typeof rule !== "string") return rule;
  try {
    return parseYaml(rule);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new SpanhouseError("CONFIG", `expected YAML: ${message}`, { cause });
  }
}
