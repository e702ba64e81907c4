import type { NormalisedSpan } from "@spanhouse/schemas/span";

/** What a price depends on: a call as the dialects' readers give it, and as a row of `spans` has it. */
export type PricedCall = Pick<
  NormalisedSpan,
  | "project"
  | "provider"
  | "requestModel"
  | "responseModel"
  | "serviceTier"
  | "region"
  | "credential"
  | "usageState"
  | "usage"
  | "startTime"
  | "endTime"
>;
