import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runOrExit } from "../../../infra/dev/bootstrap.mjs";

/** Instrumentations of Python: `requirements.txt` names what is asked for, `requirements.lock` every version (`pip freeze`). */
export const python = {
  name: "python",
  folder: join(import.meta.dirname, "python"),
  install(folder) {
    const lock = readFileSync(join(folder, "requirements.lock"), "utf8");
    const hash = createHash("sha256").update(lock).digest("hex");
    const stamp = join(folder, ".venv", ".spanhouse-lock");
    if (existsSync(stamp) && readFileSync(stamp, "utf8") === hash) return;
    runOrExit("python3", ["-m", "venv", "--clear", ".venv"], { cwd: folder });
    runOrExit(join(folder, ".venv", "bin", "pip"), ["install", "-q", "--no-deps", "-r", "requirements.lock"], {
      cwd: folder,
    });
    writeFileSync(stamp, hash);
  },
  command: (folder) => [join(folder, ".venv", "bin", "python"), join(folder, "program.py")],
  versions(folder) {
    const asked = readFileSync(join(folder, "requirements.txt"), "utf8").split("\n").map(nameOf).filter(Boolean);
    const locked = readFileSync(join(folder, "requirements.lock"), "utf8").split("\n");
    return Object.fromEntries(
      locked
        .filter((line) => asked.includes(nameOf(line)))
        .map((line) => [nameOf(line), line.split("==")[1]?.trim() ?? ""]),
    );
  },
};

/** A requirement's name as PyPI compares it. */
function nameOf(requirement) {
  return (/^[\w.-]+/.exec(requirement.trim())?.[0] ?? "").toLowerCase().replaceAll(/[-_.]+/g, "-");
}
