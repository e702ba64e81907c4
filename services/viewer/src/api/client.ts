import createClient from "openapi-fetch";
import type { components, paths } from "./openapi.d.ts";
import { type Problem, ProblemError } from "./problem.ts";

export type TraceSummary = components["schemas"]["TraceSummary"];
export type TreeNode = components["schemas"]["TreeNode"];

/** The query API at this page's own origin; the session is a cookie that scripts cannot read. */
export const api = createClient<paths>({
  // Resolved at each call, so that a test's fetch is used, and a network that is down is a problem like any other.
  fetch: async (request) => {
    try {
      return await fetch(request);
    } catch (cause) {
      if (request.signal.aborted) throw cause;
      throw new ProblemError("OFFLINE", 0, "Nothing answers at this address.");
    }
  },
  querySerializer: serializeQuery,
});

/** Keys as they are (`filter[model]`), a list as one key repeated, nothing for what is undefined. */
export function serializeQuery(query: Readonly<Record<string, unknown>>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) parameters.append(name, String(one));
  }
  return parameters.toString();
}

interface Answer<Data> {
  readonly data?: Data | undefined;
  readonly error?: unknown;
  readonly response: Response;
}

/** The data of an answer; throws a ProblemError where there is none. */
export async function answered<Data>(pending: Promise<Answer<Data>>): Promise<Data> {
  const { data, error, response } = await pending.catch((cause: unknown) => {
    if (cause instanceof SyntaxError) throw new ProblemError("UNREADABLE", 0, "The answer is not JSON.");
    throw cause;
  });
  if (response.ok && data !== undefined) return data;
  throw problemError(error, response.status);
}

export function problemError(body: unknown, status: number): ProblemError {
  if (typeof body === "object" && body !== null && "code" in body && "detail" in body) {
    const { code, detail } = body as Problem;
    return new ProblemError(code, status, detail);
  }
  return new ProblemError("UNREADABLE", status, `The answer has status ${status} and no problem details.`);
}
