import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ApiKeys } from "@spanhouse/store/api-keys";
import { apiKeyHash } from "@spanhouse/store/api-keys";

/**
 * The key that standalone prints: kept in the data directory, readable by its owner alone, so that it is the same at
 * every start; made anew when it is missing, revoked or of another database.
 */
export async function localKey(apiKeys: ApiKeys, dataDir: string, project: string): Promise<string> {
  const file = join(dataDir, "api-key");
  const kept = read(file);
  const hash = apiKeyHash(kept);
  const known = hash === undefined ? undefined : await apiKeys.findByHash(hash);
  if (known && !known.revoked && known.project === project) return kept;
  const { key } = await apiKeys.createKey({ project, scopes: ["ingest", "read"], label: "standalone" });
  writeFileSync(file, `${key}\n`, { mode: 0o600 });
  return key;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return "";
  }
}
