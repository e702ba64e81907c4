import { useQuery } from "@tanstack/react-query";
import { problemError } from "../api/client.ts";
import { ProblemError } from "../api/problem.ts";

/** What the key of the session may read. */
export interface Session {
  readonly project: string;
  readonly scopes: readonly string[];
}

export const useSession = () =>
  useQuery({
    queryKey: ["session"],
    queryFn: ({ signal }) => sessionRequest({ method: "GET", signal }),
    staleTime: 60_000,
  });

/** Puts the key into a cookie that no script can read. Throws a ProblemError where the key is none. */
export const logIn = (key: string): Promise<Session> =>
  sessionRequest({ method: "POST", body: JSON.stringify({ key }), headers: { "content-type": "application/json" } });

export async function logOut(): Promise<void> {
  await fetch("/v1/session", { method: "DELETE" });
}

async function sessionRequest(init: RequestInit): Promise<Session> {
  const response = await fetch("/v1/session", init).catch((cause: unknown) => {
    if (init.signal?.aborted) throw cause;
    throw new ProblemError("OFFLINE", 0, "Nothing answers at this address.");
  });
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw problemError(body, response.status);
  return body as Session;
}
