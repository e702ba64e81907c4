import type { components } from "./openapi.d.ts";

export type Problem = components["schemas"]["Problem"];

/** An answer that was a problem, or none: what a view shows in place of its content. */
export class ProblemError extends Error {
  readonly code: Problem["code"] | "OFFLINE" | "UNREADABLE";
  /** 0: nothing answered. */
  readonly status: number;

  constructor(code: ProblemError["code"], status: number, detail: string) {
    super(detail);
    this.name = "ProblemError";
    this.code = code;
    this.status = status;
  }
}

/** What a person can do about it; undefined where the detail says it all. */
export function remedyOf({ code }: ProblemError): string | undefined {
  return remedies[code];
}

const remedies: Readonly<Partial<Record<ProblemError["code"], string>>> = {
  OFFLINE: "Is Spanhouse running? npm start runs it; this page tries again by itself.",
  UNREADABLE:
    "Something between this page and Spanhouse answered in its place: a proxy, or another program on the port.",
  KEY_MISSING: "Log in with an API key.",
  KEY_UNKNOWN: "Log in with a key that is in force; npm start prints one.",
  KEY_SCOPE: "Log in with a key of scope read.",
  NOT_FOUND: "It may be of another project, older than the project's retention, or not have arrived yet.",
  INVALID_PARAMETER:
    "The address of this page holds a value that the API does not take. Go back, or take the filter away.",
  INVALID_CURSOR: "The list has changed under the page. Load it again.",
  QUERY_TOO_EXPENSIVE: "Ask for a shorter range, or for fewer groups.",
  STORE_UNAVAILABLE: "ClickHouse does not answer. What was accepted is kept; this page tries again by itself.",
  INTERNAL: "A defect: the log of the query API has the details at this minute.",
};
