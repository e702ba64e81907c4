// Builds the viewer when what it is made of has changed since: two seconds, or none.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const inputs = ["src", "public", "index.html", "vite.config.ts", "package.json"];

export function buildViewer(root) {
  const folder = join(root, "services", "viewer");
  const hash = createHash("sha256").update(readFileSync(join(root, "package-lock.json")));
  for (const input of inputs) addTo(hash, folder, input);
  const made = hash.digest("hex");
  const stamp = join(folder, "dist", ".built-from");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === made) return;
  const vite = join(root, "node_modules", "vite", "bin", "vite.js");
  const { status } = spawnSync(process.execPath, [vite, "build", "--logLevel", "warn"], {
    cwd: folder,
    stdio: "inherit",
  });
  if (status !== 0) process.exit(status ?? 1);
  writeFileSync(stamp, made);
}

/** A file's name and bytes, or those of all files below. */
function addTo(hash, folder, name) {
  const path = join(folder, name);
  if (statSync(path).isDirectory())
    for (const below of readdirSync(path).sort()) addTo(hash, folder, join(name, below));
  else hash.update(`\0${name}\0`).update(readFileSync(path));
}
