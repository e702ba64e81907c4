import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "@spanhouse/schemas/environment";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { findRunning } from "./running-standalone.ts";

export const gatewayUsage = `Sends to the gateway that SPANHOUSE_URL names, with the key SPANHOUSE_API_KEY (scope ingest); else to the standalone that runs
on the data directory (--data DIR, SPANHOUSE_DATA, default .spanhouse), with its own key.`;

/** Where spans are taken. Throws CONFIG where nothing takes them. */
export function gatewayAddress(
  environment: Environment,
  dataDir?: string,
): { readonly url: string; readonly key: string } {
  const { SPANHOUSE_URL: url, SPANHOUSE_API_KEY: key } = environment;
  if (url) {
    if (key) return { url: url.replace(/\/+$/, ""), key };
    throw new SpanhouseError("CONFIG", "SPANHOUSE_API_KEY: expected a key of scope ingest, beside SPANHOUSE_URL");
  }
  const directory = dataDir ?? (environment.SPANHOUSE_DATA || ".spanhouse");
  const running = findRunning(directory);
  if (running) return { url: running.gatewayUrl, key: key || readFileSync(join(directory, "api-key"), "utf8").trim() };
  throw new SpanhouseError(
    "CONFIG",
    `expected SPANHOUSE_URL and SPANHOUSE_API_KEY, or a running spanhouse start; nothing runs on ${directory}`,
  );
}
