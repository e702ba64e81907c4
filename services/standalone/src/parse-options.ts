import { parseArgs } from "node:util";
import { SpanhouseError } from "@spanhouse/schemas/errors";

/** Runs a strict `parseArgs`; what it cannot take is a CONFIG error with its words. */
export function parseOptions<Parsed>(parse: (args: typeof parseArgs) => Parsed): Parsed {
  try {
    return parse(parseArgs);
  } catch (error) {
    throw new SpanhouseError("CONFIG", error instanceof Error ? error.message : String(error));
  }
}
