// Brings a checkout to the state that package-lock.json and the sources say: what is missing or stale is installed and
// built, what is current is left alone. Needs nothing but Node and npm.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildViewer } from "./build-viewer.mjs";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

const oldestNode = [20, 19];

/** Runs a command in the checkout with inherited output; ends the process with its code when it fails. */
export function runOrExit(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit", ...options });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

function requireNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return;
  process.stderr.write(`Spanhouse needs Node ${oldestNode.join(".")} or later; this is ${process.versions.node}.\n`);
  process.exit(1);
}

/** Installs a folder's lockfile when its node_modules was not made from it. */
export function install(folder) {
  const lock = createHash("sha256")
    .update(readFileSync(join(folder, "package-lock.json")))
    .digest("hex");
  const stamp = join(folder, "node_modules", ".spanhouse-lock");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  process.stderr.write("Installing what package-lock.json says …\n");
  runOrExit("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: folder });
  writeFileSync(stamp, lock);
}

export function build() {
  runOrExit(process.execPath, [join(root, "node_modules", "typescript", "bin", "tsc"), "-b"]);
  buildViewer(root);
}

export function bootstrap() {
  requireNode();
  install(root);
  build();
}
