import { z } from "zod";

/** Forms of values that several answers of the query API have. */

/** 32 lowercase hex digits. */
export const traceIdSchema = z
  .string()
  .regex(/^[0-9a-f]{32}$/, "expected 32 lowercase hex digits")
  .describe("32 lowercase hex digits");

/** 16 lowercase hex digits. */
export const spanIdSchema = z
  .string()
  .regex(/^[0-9a-f]{16}$/, "expected 16 lowercase hex digits")
  .describe("16 lowercase hex digits");

/** UTC, RFC 3339; of spans and traces with nine digits of a second. */
export const timeSchema = z.string().meta({ format: "date-time" });

/** Dollars as a decimal with 12 places: never a float. */
export const moneySchema = z.string().meta({ pattern: "^-?\\d+\\.\\d{12}$", description: "USD, a decimal" });

/** A whole number; sums above 2^53 lose their last digits in JSON. */
export const countSchema = z.number().meta({ type: "integer", minimum: 0 });

/** A time that a caller names: RFC 3339 with an offset, at most nine digits of a second. */
export const timeParameter = z
  .string()
  .regex(
    /^(?:19[7-9]\d|20\d\d)-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/,
    "expected an RFC 3339 time from 1970 to 2099, such as 2026-11-23T09:30:00Z",
  )
  .refine((text) => {
    const time = Date.parse(text);
    return time >= 0 && time < Date.UTC(2100, 0, 1);
  }, "expected a time from 1970 to 2099")
  .meta({ format: "date-time" });

/** What a caller hands back to read on. */
export const cursorParameter = z.string().max(1000).meta({ pattern: "^[A-Za-z0-9_-]+$" });

/** A value that a caller filters by. No stored text that is filtered by has more than 200 characters. */
export const filterParameter = z.string().min(1).max(400);

/** A whole number from 1 to `most`, from the text of a parameter. */
export const limitParameter = (most: number, otherwise: number) =>
  z.coerce.number(`expected a whole number from 1 to ${most}`).int().min(1).max(most).default(otherwise);
