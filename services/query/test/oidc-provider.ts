import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Configuration, Provider } from "oidc-provider";

/** A real OpenID provider on 127.0.0.1, whose people say who they are by typing it. */
export interface TestProvider {
  readonly issuer: string;
  /** Follows the log-in from its first URL to the one that the provider sends the browser back to. */
  logIn(url: string, login: string): Promise<string>;
  close(): Promise<void>;
}

export async function startProvider(redirectUri: string, groups: Readonly<Record<string, readonly string[]>>) {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const configuration: Configuration = {
    clients: [{ client_id: "spanhouse", client_secret: "client-secret", redirect_uris: [redirectUri] }],
    cookies: { keys: ["of this test"] },
    claims: { openid: ["sub"], email: ["email"], profile: ["groups"] },
    findAccount: (_, sub) => ({
      accountId: sub,
      claims: async () => ({ sub, email: `${sub}@example.org`, groups: [...(groups[sub] ?? [])] }),
    }),
    pkce: { required: () => true },
  };
  server.on("request", new Provider(issuer, configuration).callback());

  const provider: TestProvider = {
    issuer,
    async logIn(url, login) {
      const jar = new Map<string, string>();
      let next = new URL(url);
      let form: URLSearchParams | undefined;
      for (let step = 0; step < 20; step++) {
        if (next.origin !== issuer) return next.href;
        const answer = await fetch(next, {
          ...{ redirect: "manual", method: form ? "POST" : "GET", ...(form && { body: form }) },
          headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; ") },
        });
        for (const cookie of answer.headers.getSetCookie()) {
          const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
          jar.set(name, value);
        }
        form = undefined;
        const location = answer.headers.get("location");
        if (location) {
          next = new URL(location, next);
          continue;
        }
        const page = await answer.text();
        const [, action] = /<form[^>]*action="([^"]+)"/.exec(page) ?? [];
        const [, prompt] = /name="prompt" value="([^"]+)"/.exec(page) ?? [];
        if (!action || !prompt) throw new Error(`${answer.status} ${page.slice(0, 500)}`);
        next = new URL(action, next);
        form = new URLSearchParams({ prompt, login, password: "any" });
      }
      throw new Error("the log-in goes round in circles");
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return provider;
}
