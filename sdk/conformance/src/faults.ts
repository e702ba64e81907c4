import { type Directive, optionNumber } from "./script.ts";

/** What goes wrong on the way, whatever the model would have said. */
export type Fault = ErrorStatus | BrokenReply;

export interface ErrorStatus {
  readonly kind: "status";
  readonly status: number;
  /** Seconds. */
  readonly retryAfter: number | undefined;
  /** Empty for the provider's usual one. */
  readonly code: string;
}

export interface BrokenReply {
  readonly kind: "hang" | "cut";
  /** Streamed events before it; with 0 nothing is sent at all. An unstreamed answer is then sent up to its middle. */
  readonly after: number;
}

/**
 * The first fault that holds for this attempt, counted from 0.
 * A fault with `times=N` holds for the attempts below N, one without for all.
 */
export const faultOf = (directives: readonly Directive[], attempt: number): Fault | undefined => {
  for (const directive of directives) {
    if (attempt >= optionNumber(directive, "times", Infinity)) continue;
    const { name, options } = directive;
    if (name === "hang" || name === "cut") return { kind: name, after: optionNumber(directive, "after", 0) };
    if (/^\d+$/.test(name)) {
      const retryAfter = options.has("retry-after") ? optionNumber(directive, "retry-after", 0) : undefined;
      return { kind: "status", status: Number(name), retryAfter, code: options.get("code") ?? "" };
    }
  }
  return undefined;
};
