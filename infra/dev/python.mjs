// Virtual environments of what is tested with Python: one a folder.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, runOrExit } from "./bootstrap.mjs";

/**
 * Python 3.10 or later with what the folder's requirements-test.txt names, in a virtual environment of its own; gives its
 * interpreter, undefined without a Python.
 */
export function installPython(folder = join(root, "sdk", "python")) {
  const environment = join(folder, ".venv");
  const inside = join(environment, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  const { stdout, status } = spawnSync(
    "python3",
    ["-c", "import sys; assert sys.version_info >= (3, 10); print(sys.version, sys.executable)"],
    { encoding: "utf8" },
  );
  if (status !== 0) {
    process.stderr.write("Tests need Python 3.10 or later as python3 on the PATH.\n");
    return undefined;
  }
  const requirements = join(folder, "requirements-test.txt");
  const lock = createHash("sha256").update(readFileSync(requirements)).update(stdout).digest("hex");
  const stamp = join(environment, ".spanhouse-lock");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return inside;
  process.stderr.write("Installing what requirements-test.txt says …\n");
  runOrExit("python3", ["-m", "venv", "--clear", environment]);
  runOrExit(inside, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements]);
  writeFileSync(stamp, lock);
  return inside;
}
