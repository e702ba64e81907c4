import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where the viewer's built files lie; undefined where it is not built. */
export function viewerDirectory(): string | undefined {
  const directory = join(dirname(fileURLToPath(import.meta.resolve("@spanhouse/viewer/package.json"))), "dist");
  return existsSync(join(directory, "index.html")) ? directory : undefined;
}
