import { z } from "zod";

export interface TokenSourceOptions {
  /** Of an OAuth 2.0 token endpoint (RFC 6749, 4.4: client credentials). */
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string | undefined;
  /** Unix milliseconds. */
  readonly now: () => number;
}

const answer = z.object({ access_token: z.string().min(1), expires_in: z.number().positive().default(300) });

/** A token is used for this part of its life: a broker must not find it expired on the way. */
const usedLife = 0.8;
const patienceMs = 10_000;

/** Gives a token that is not about to expire; rejects with what the endpoint said, never with the secret. */
export function createTokenSource({ url, clientId, clientSecret, scope, now }: TokenSourceOptions) {
  let current: { readonly token: string; readonly until: number } | undefined;

  return async function token(): Promise<string> {
    if (current !== undefined && now() < current.until) return current.token;
    const asked = now();
    const response = await fetch(url, {
      method: "POST",
      headers: {
        authorization: `Basic ${btoa(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`)}`,
        "content-type": "application/x-www-form-urlencoded",
      },
      body: new URLSearchParams({ grant_type: "client_credentials", ...(scope !== undefined && { scope }) }),
      signal: AbortSignal.timeout(patienceMs),
    });
    if (!response.ok) throw new Error(`the token endpoint answered ${response.status}`);
    const { access_token, expires_in } = answer.parse(await response.json());
    current = { token: access_token, until: asked + expires_in * 1000 * usedLife };
    return access_token;
  };
}
