import { z } from "zod";
import { SpanhouseError } from "./errors.ts";

/** Environment variables as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

const mayHoldSecret = /PASSWORD|SECRET|KEY|URL|NODES|DESTINATION|ENDPOINT|HEADERS|ISSUER/;

/**
 * The variables that a schema names, an empty one counting as unset. Throws CONFIG naming every variable that is wrong
 * and what it should be; what is a secret, or an address that may hold one, is not repeated.
 */
export function parseEnvironment<Schema extends z.ZodObject>(
  schema: Schema,
  environment: Environment,
): z.infer<Schema> {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = schema.safeParse(set);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => {
    const name = String(path[0]);
    const value = set[name];
    const got = value === undefined ? "it is not set" : mayHoldSecret.test(name) ? "got another" : `got "${value}"`;
    return `${name}: expected ${message}; ${got}`;
  });
  throw new SpanhouseError("CONFIG", problems.join("\n"));
}

/** A whole number in decimal, within bounds. */
export function wholeNumber(least: number, greatest: number, of: string) {
  const expected = `${of}: a whole number from ${least} to ${greatest}`;
  return z
    .string(expected)
    .regex(/^\d{1,15}$/, expected)
    .transform(Number)
    .refine((number) => number >= least && number <= greatest, expected);
}

export const portNumber = () => wholeNumber(0, 65_535, "a port");

export const byteCount = (least: number) => wholeNumber(least, 2 ** 40, "bytes");

export const milliseconds = (least: number) => wholeNumber(least, 86_400_000, "milliseconds");
