import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "@spanhouse/schemas/environment";
import { findRunning } from "../running-standalone.ts";
import type { Gateway } from "./send-on.ts";

/** Where spans of a replay are sent: SPANHOUSE_URL with SPANHOUSE_API_KEY, else the running standalone; undefined: nowhere. */
export function gatewayOf(environment: Environment, dataDir?: string): Gateway | undefined {
  const { SPANHOUSE_URL: url, SPANHOUSE_API_KEY: apiKey, SPANHOUSE_DATA, SPANHOUSE_QUERY_URL: viewerUrl } = environment;
  if (url) return { url, apiKey: apiKey ?? "", viewerUrl: viewerUrl?.replace(/\/+$/, "") };
  const directory = dataDir ?? (SPANHOUSE_DATA || ".spanhouse");
  const running = findRunning(directory);
  if (running === undefined) return undefined;
  const key = apiKey || readFileSync(join(directory, "api-key"), "utf8").trim();
  return { url: running.gatewayUrl, apiKey: key, viewerUrl: running.queryUrl };
}
