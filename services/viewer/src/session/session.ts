import { useQuery } from "@tanstack/react-query";
import { answered, api, problemError } from "../api/client.ts";
import { ProblemError } from "../api/problem.ts";

/** What the key of the session may read. */
export interface Session {
  readonly project: string;
  readonly scopes: readonly string[];
  /** Who has logged in at an OpenID provider; null: a key. */
  readonly user: string | null;
  /** Those that the session may look at. */
  readonly projects: readonly string[];
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

/** Another project of the person who is logged in. */
export const lookAt = (project: string): Promise<Session> =>
  sessionRequest({ method: "PUT", body: JSON.stringify({ project }), headers: { "content-type": "application/json" } });

/** How to log in beside a key; without an answer there is no other way. */
export const useLogInMethods = () =>
  useQuery({
    queryKey: ["log-in methods"],
    queryFn: ({ signal }) => answered(api.GET("/v1/session/methods", { signal })),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });

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
