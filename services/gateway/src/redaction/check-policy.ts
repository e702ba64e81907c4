import { SpanhouseError } from "@spanhouse/schemas/errors";
import { contentPolicies, type RedactionPolicy, redactionPatterns } from "@spanhouse/store/redaction-policies";
import { customFinder } from "./custom-pattern.ts";

const mostCustom = 50;
const longestCustom = 1_000;

/** The policy that texts of a command line mean. Throws CONFIG naming the one that is none. */
export function checkedPolicy(
  patterns: readonly string[],
  custom: readonly string[],
  content: string,
): RedactionPolicy {
  if (custom.length > mostCustom) throw wrong(`at most ${mostCustom} expressions`, custom.length);
  for (const source of custom) {
    if (source.length > longestCustom) throw wrong(`an expression of at most ${longestCustom} letters`, source);
    try {
      customFinder(source);
    } catch (error) {
      throw wrong(`an expression of RE2 (${error instanceof Error ? error.message : String(error)})`, source);
    }
  }
  return {
    patterns: patterns.map((name) => oneOf(redactionPatterns, name)),
    custom,
    content: oneOf(contentPolicies, content),
  };
}

function oneOf<Name extends string>(known: readonly Name[], name: string): Name {
  const found = known.find((one) => one === name);
  if (found === undefined) throw wrong(`one of ${known.join(", ")}`, name);
  return found;
}

function wrong(expected: string, got: unknown): SpanhouseError {
  return new SpanhouseError("CONFIG", `expected ${expected}; got ${JSON.stringify(got)}`);
}
