import { SpanhouseError } from "@spanhouse/schemas/errors";
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from "openid-client";
import { z } from "zod";
import { type RoleRule, rolesOf } from "./roles.ts";
import type { Person } from "./session-authority.ts";
import type { SessionTokens } from "./session-tokens.ts";

export interface OidcOptions {
  readonly issuer: URL;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Space-separated; `openid` among them. */
  readonly scope: string;
  /** Where browsers reach this server. */
  readonly publicUrl: URL;
  readonly roles: readonly RoleRule[];
}

/** What the browser brings back from the provider: sealed in a cookie meanwhile. */
const pendingSchema = z.object({ state: z.string(), nonce: z.string(), verifier: z.string(), returnTo: z.string() });

/** So long a person may take at the provider, seconds. */
export const pendingSeconds = 600;
export const callbackPath = "/v1/session/oidc/callback";

export interface OidcLogIn {
  /** Where to send the browser, and what to keep in it until it comes back. Throws LOG_IN_FAILED. */
  begin(returnTo: string): Promise<{ readonly url: URL; readonly pending: string }>;
  /** Of the URL that the provider sent the browser to. Throws LOG_IN_FAILED, and KEY_SCOPE for one whom no rule knows. */
  finish(path: string, pending: string | undefined): Promise<{ readonly person: Person; readonly returnTo: string }>;
}

/** The authorization code flow with PKCE, state and nonce; the provider is asked about itself when it is first needed. */
export function createOidcLogIn(options: OidcOptions, tokens: SessionTokens): OidcLogIn {
  const { issuer, clientId, clientSecret, scope, publicUrl, roles } = options;
  const redirectUri = new URL(callbackPath, publicUrl).href;
  let discovered: Promise<Configuration> | undefined;

  function configuration(): Promise<Configuration> {
    const local = issuer.protocol === "http:";
    discovered ??= discovery(
      issuer,
      clientId,
      clientSecret,
      undefined,
      local ? { execute: [allowInsecureRequests] } : {},
    );
    discovered.catch(() => {
      discovered = undefined;
    });
    return discovered;
  }

  async function ofProvider<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (cause) {
      if (cause instanceof SpanhouseError) throw cause;
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new SpanhouseError("LOG_IN_FAILED", `The provider ${issuer.href}: ${message}`, { cause });
    }
  }

  return {
    begin: (returnTo) =>
      ofProvider(async () => {
        const [state, nonce, verifier] = [randomState(), randomNonce(), randomPKCECodeVerifier()];
        const url = buildAuthorizationUrl(await configuration(), {
          ...{ redirect_uri: redirectUri, scope, state, nonce },
          ...{ code_challenge: await calculatePKCECodeChallenge(verifier), code_challenge_method: "S256" },
        });
        return { url, pending: await tokens.seal({ state, nonce, verifier, returnTo }, pendingSeconds) };
      }),

    finish: (path, sealed) =>
      ofProvider(async () => {
        const pending = await tokens.open(sealed ?? "", pendingSchema);
        if (!pending) {
          throw new SpanhouseError(
            "LOG_IN_FAILED",
            "This browser has not begun to log in, or took too long: begin again.",
          );
        }
        const { state, nonce, verifier, returnTo } = pending;
        const provider = await configuration();
        const answer = await authorizationCodeGrant(provider, new URL(path, publicUrl), {
          ...{ expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true },
        });
        const own = answer.claims()!;
        // Groups are often told there alone.
        const told = provider.serverMetadata().userinfo_endpoint
          ? await fetchUserInfo(provider, answer.access_token, own.sub)
          : {};
        const claims: Readonly<Record<string, unknown>> = { ...told, ...own };
        const given = rolesOf(claims, roles);
        const [project] = Object.keys(given).sort();
        if (project === undefined) {
          throw new SpanhouseError(
            "KEY_SCOPE",
            `${own.sub}: no rule gives a role in any project; expected one of SPANHOUSE_OIDC_ROLES.`,
          );
        }
        const name = [claims.email, claims.name, own.sub].find(
          (one) => typeof one === "string" && one !== "",
        ) as string;
        return { person: { sub: own.sub, name, project, roles: given }, returnTo };
      }),
  };
}
