import { wholeNumber } from "@spanhouse/schemas/environment";
import type { z } from "zod";
import type { ProjectLimits } from "./project-limits.ts";

const greatest = 999_999_999_999;

/** The limits of projects that have none of their own; without them there are none. */
export const limitVariables = {
  SPANHOUSE_QUOTA_TRACES_PER_MONTH: wholeNumber(1, greatest, "traces").optional(),
  SPANHOUSE_LIMIT_SPANS_PER_SECOND: wholeNumber(1, greatest, "spans").optional(),
  SPANHOUSE_LIMIT_BYTES_PER_SECOND: wholeNumber(1, greatest, "bytes").optional(),
} as const;

export function usualLimits(values: z.infer<z.ZodObject<typeof limitVariables>>): ProjectLimits {
  return {
    tracesPerMonth: values.SPANHOUSE_QUOTA_TRACES_PER_MONTH,
    spansPerSecond: values.SPANHOUSE_LIMIT_SPANS_PER_SECOND,
    bytesPerSecond: values.SPANHOUSE_LIMIT_BYTES_PER_SECOND,
  };
}
