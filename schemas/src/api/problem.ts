import { z } from "zod";
import { type ErrorCode, errorCatalogue } from "../errors.ts";

const codes = Object.keys(errorCatalogue) as [ErrorCode, ...ErrorCode[]];

/** RFC 9457 problem details: how every HTTP route of ours answers an error, OTLP's own routes excepted. */
export const problemSchema = z.object({
  /** A URN of the code: it names the kind of problem and is not meant to be fetched. */
  type: z.string(),
  /** The code's summary: the same for every problem of this type. */
  title: z.string(),
  /** The HTTP status. */
  status: z.number().int(),
  /** This occurrence: the offender, and what was expected. */
  detail: z.string(),
  code: z.enum(codes),
});

export type Problem = z.infer<typeof problemSchema>;

export const problemContentType = "application/problem+json";

export function problemOf(code: ErrorCode, detail: string): Problem {
  const { status, summary } = errorCatalogue[code];
  return { type: `urn:spanhouse:problem:${code}`, title: summary, status, detail, code };
}
