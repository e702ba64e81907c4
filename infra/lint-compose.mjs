// `npm run lint:compose`: compose.yaml by the parser that `docker compose config` uses (compose-go: schema, merges,
// references between services, volumes and networks), without Docker. Variables are left as they stand: the parser's own command
// does not see the environment; compose.test.ts replaces them. Needs Go, which builds it once into .tools.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { runOrExit } from "./dev/bootstrap.mjs";

const version = "v2.16.2";
const here = import.meta.dirname;
const tools = join(here, ".tools", `compose-go-${version}`);
const binary = join(tools, "cmd");

if (!existsSync(binary)) {
  process.stderr.write(`Building compose-go ${version} …\n`);
  runOrExit("go", ["install", `github.com/compose-spec/compose-go/v2/cmd@${version}`], {
    env: { ...process.env, GOBIN: tools },
  });
}

const { status, stdout, stderr } = spawnSync(binary, ["-no-interpolation", "-format", "json", "compose.yaml"], {
  cwd: here,
  encoding: "utf8",
});
if (status !== 0) {
  process.stderr.write(`${stderr}\n`);
  process.exit(1);
}
process.stdout.write(`compose.yaml: ${Object.keys(JSON.parse(stdout).services).length} services\n`);
