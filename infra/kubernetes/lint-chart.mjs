// `npm run lint:chart`: the Helm chart with its defaults and with everything on, by Helm's own lint and against Kubernetes'
// schemas. Needs Go and Python; Helm is built and the schemas are installed once, into .tools beside this file.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, runOrExit } from "../dev/bootstrap.mjs";

const helmVersion = "v3.19.0";
const kubernetesValidate = "kubernetes-validate==1.37.0";
/** What the manifests are rendered for; the schemas are of the version that comes with them. */
const kubeVersion = "1.33.0";

const here = import.meta.dirname;
const tools = join(here, ".tools");
const chart = join(here, "spanhouse");
const valueFiles = [undefined, join(here, "everything-on.yaml")];

function helm() {
  const binary = join(tools, `helm-${helmVersion}`, "helm");
  if (!existsSync(binary)) {
    process.stderr.write(`Building Helm ${helmVersion} …\n`);
    const env = { ...process.env, GOBIN: join(tools, `helm-${helmVersion}`) };
    runOrExit("go", ["install", `helm.sh/helm/v3/cmd/helm@${helmVersion}`], { env });
  }
  return binary;
}

function validator() {
  const environment = join(tools, "python");
  if (!existsSync(join(environment, "bin", "kubernetes-validate"))) {
    runOrExit("python3", ["-m", "venv", "--clear", environment]);
    runOrExit(join(environment, "bin", "pip"), ["install", "-q", kubernetesValidate]);
  }
  return join(environment, "bin", "kubernetes-validate");
}

/** Variables that no program of ours reads would be silently without effect. */
function unknownVariables(manifests) {
  const named = new Set(manifests.match(/SPANHOUSE_[A-Z_]+/g));
  const { stdout } = spawnSync("git", ["grep", "-hoE", "SPANHOUSE_[A-Z_]+", "--", "services", "infra/Dockerfile"], {
    cwd: root,
    encoding: "utf8",
  });
  const read = new Set(stdout.split("\n"));
  return [...named].filter((name) => !read.has(name));
}

const failures = [];
for (const values of valueFiles) {
  const options = values === undefined ? [] : ["-f", values];
  runOrExit(helm(), ["lint", "--strict", "--quiet", "--kube-version", kubeVersion, chart, ...options]);
  const { stdout, stderr, status } = spawnSync(
    helm(),
    ["template", "lint", chart, "--kube-version", kubeVersion, ...options],
    { encoding: "utf8", maxBuffer: 2 ** 24 },
  );
  if (status !== 0) {
    process.stderr.write(stderr);
    process.exit(1);
  }
  const rendered = join(tools, values === undefined ? "defaults.yaml" : "everything-on.yaml");
  writeFileSync(rendered, stdout);
  // Kinds of operators (KEDA, Prometheus) have no schema there.
  runOrExit(validator(), ["--strict", "--quiet", "--no-warn", rendered]);
  failures.push(...unknownVariables(readFileSync(rendered, "utf8")));
  process.stdout.write(
    `${values === undefined ? "defaults" : "everything on"}: ${stdout.match(/^kind:/gm).length} objects\n`,
  );
}
for (const name of failures) process.stderr.write(`${name} is read by no service\n`);
process.exit(failures.length === 0 ? 0 : 1);
