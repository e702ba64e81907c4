import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { type LookUp, pinAddress } from "./pinned-address.ts";

export interface PostOptions {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly allowPrivate: boolean;
  readonly timeoutMs: number;
  /** Of the machine by default. */
  readonly lookUp?: LookUp | undefined;
}

/** `refused`: it will not be otherwise by itself. `failed`: it may be, later. */
export type PostOutcome =
  | { readonly kind: "sent" }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "refused"; readonly message: string };

const agent = "spanhouse-alerts";
const shownBytes = 200;

/** Posts JSON to an address that was checked. Follows no redirect: where it leads was not. */
export async function post({ url, headers, body, allowPrivate, timeoutMs, lookUp }: PostOptions): Promise<PostOutcome> {
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    return { kind: "refused", message: `expected http or https; got ${url.protocol}` };
  }
  const pinned = await pinAddress(url.hostname, { allowPrivate, ...(lookUp ? { lookUp } : {}) });
  if (pinned.kind === "refused") return pinned;
  const { address, family } = pinned;
  const open = url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve) => {
    const failed = (message: string) => resolve({ kind: "failed", message });
    const request = open(url, {
      method: "POST",
      headers: {
        ...{ "content-type": "application/json", "user-agent": agent, "content-length": Buffer.byteLength(body) },
        ...headers,
      },
      signal: AbortSignal.timeout(timeoutMs),
      // The connection asks for the name once more, and gets what was checked. TLS still checks the name.
      lookup: (_host, options, found) => {
        if (options.all) found(null, [{ address, family }]);
        else found(null, address, family);
      },
    });
    request.on("error", ({ message }) => failed(message));
    request.on("response", (response) => {
      let said = "";
      response.setEncoding("utf8");
      response.on("error", ({ message }) => failed(message));
      response.on("data", (text: string) => {
        said = (said + text).slice(0, shownBytes);
      });
      response.on("end", () => {
        const status = response.statusCode ?? 0;
        if (status >= 200 && status < 300) resolve({ kind: "sent" });
        else failed(`${url.host} answered ${status}${said === "" ? "" : `: ${said}`}`);
      });
    });
    request.end(body);
  });
}
