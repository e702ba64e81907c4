// `npm run record -- node|python [name] [feature]`: runs instrumentations of others against the provider simulator and
// stores what they export (`../recordings/NAME/FEATURE.json`). README.md says how to add one. Reads no network but for
// installing what a folder's lockfile says.
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startProviderSimulator } from "@spanhouse/conformance/provider-simulator";
import { node } from "./node.mjs";
import { startOtlpReceiver } from "./otlp-receiver.mjs";
import { python } from "./python.mjs";
import { recordingOf } from "./recording.mjs";

const languages = { node, python };
const recordings = join(import.meta.dirname, "..", "recordings");
/** A program that has not ended by then hangs. */
const timeoutMs = 120_000;

async function recordFeature(language, name, feature) {
  const folder = join(language.folder, name);
  const [simulator, receiver] = await Promise.all([startProviderSimulator(), startOtlpReceiver()]);
  try {
    const [command, ...args] = language.command(folder);
    const child = spawn(command, [...args, feature], {
      cwd: folder,
      env: environmentOf(simulator.url, receiver.url),
      stdio: ["ignore", "pipe", "pipe"],
      timeout: timeoutMs,
    });
    let told = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (told += text));
    const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
    if (code !== 0) throw new Error(`${name} ${feature} ended with ${code}:\n${told}`);
    return recordingOf({
      instrumentation: name,
      language: language.name,
      feature,
      versions: language.versions(folder),
      otlp: receiver.requests(),
      requests: simulator.requests(),
      places: { "http://simulator": simulator.url, "http://receiver": receiver.url },
    });
  } finally {
    await Promise.all([simulator.stop(), receiver.stop()]);
  }
}

/** What clients and exporters read by themselves; nothing of the caller's own settings but what starts programs. */
function environmentOf(simulator, receiver) {
  return {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    SIMULATOR_URL: simulator,
    OPENAI_BASE_URL: `${simulator}/v1`,
    OPENAI_API_KEY: "sk-simulated",
    ANTHROPIC_BASE_URL: simulator,
    ANTHROPIC_API_KEY: "sk-ant-simulated",
    OTLP_URL: receiver,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver,
    OTEL_SERVICE_NAME: "recorded",
  };
}

async function recordInstrumentation(language, name, only) {
  const folder = join(language.folder, name);
  const { features } = JSON.parse(readFileSync(join(folder, "instrumentation.json"), "utf8"));
  language.install(folder);
  const recorded = new Map();
  for (const feature of features) {
    if (only !== undefined && feature !== only) continue;
    const { text, spans, calls } = await recordFeature(language, name, feature);
    recorded.set(feature, text);
    process.stdout.write(`${name} ${feature}: ${spans} spans of ${calls} calls\n`);
  }
  const target = join(recordings, name);
  if (only === undefined) rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  for (const [feature, text] of recorded) writeFileSync(join(target, `${feature}.json`), text);
}

const [languageName, name, feature] = process.argv.slice(2);
const language = languages[languageName];
if (!language) {
  process.stderr.write(`Expected ${Object.keys(languages).join(" or ")}, then a folder of it, then a feature.\n`);
  process.exit(2);
}
const names = readdirSync(language.folder, { withFileTypes: true })
  .filter(
    (entry) => entry.isDirectory() && readdirSync(join(entry.parentPath, entry.name)).includes("instrumentation.json"),
  )
  .map((entry) => entry.name)
  .sort();
let failed = 0;
for (const one of names.filter((candidate) => name === undefined || candidate === name)) {
  try {
    await recordInstrumentation(language, one, feature);
  } catch (error) {
    failed++;
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  }
}
process.exit(failed === 0 ? 0 : 1);
