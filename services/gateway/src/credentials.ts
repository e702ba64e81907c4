import type { IncomingHttpHeaders } from "node:http";
import type { KeyAuthority } from "@spanhouse/store/api-keys";
import { type Failure, failed } from "./failure.ts";

export type Grant = { readonly kind: "granted"; readonly project: string } | Failure;

/** The key of `Authorization: Bearer`, else of `x-api-key`. */
function keyOf(headers: IncomingHttpHeaders): string | undefined {
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? "")?.[1];
  if (bearer !== undefined) return bearer;
  const key = headers["x-api-key"];
  return typeof key === "string" ? key.trim() : undefined;
}

/** Which project the request may write to. */
export async function grantIngest(headers: IncomingHttpHeaders, keys: KeyAuthority): Promise<Grant> {
  const found = await keys.authenticate(keyOf(headers));
  switch (found.kind) {
    case "granted":
      if (found.scopes.includes("ingest")) return { kind: "granted", project: found.project };
      return failed("KEY_SCOPE", `the key has the scopes ${found.scopes.join(", ")}; expected ingest`);
    case "missing":
      return failed("KEY_MISSING", "expected an API key as Authorization: Bearer KEY or x-api-key: KEY");
    case "unknown":
      return failed("KEY_UNKNOWN", "the API key is unknown, expired or revoked");
    case "unavailable":
      return failed("STORE_UNAVAILABLE", found.message, found.retryAfterSeconds);
  }
}
