#!/usr/bin/env node
// What a newer @pydantic/genai-prices would change, to be reviewed by a person; `--write` takes it.
//   npm run prices:refresh [-- VERSION] [-- --write]
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const name = "@pydantic/genai-prices";
const root = fileURLToPath(new URL("../..", import.meta.url));
const pinned = join(root, "services/consumer/src/derive/price/genai-list.ts");
const write = process.argv.includes("--write");
const wanted = process.argv.slice(2).find((argument) => argument !== "--write") ?? "latest";
const npm = (...args) => execFileSync("npm", args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });

const say = (line) => process.stdout.write(`${line}\n`);

/** `provider/model` → its prices, history and matching as text. */
async function pricesIn(directory) {
  const { waitForUpdate } = await import(pathToFileURL(join(directory, "dist/index.js")).href);
  const providers = await waitForUpdate();
  const models = providers.flatMap(({ id, models }) =>
    models.map((model) => [`${id}/${model.id}`, JSON.stringify({ match: model.match, prices: model.prices })]),
  );
  return { models: new Map(models), hash: createHash("sha256").update(JSON.stringify(providers)).digest("hex") };
}

const versionIn = (directory) => JSON.parse(readFileSync(join(directory, "package.json"), "utf8")).version;

const scratch = mkdtempSync(join(tmpdir(), "spanhouse-prices-"));
try {
  npm("install", "--prefix", scratch, "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", `${name}@${wanted}`);
  const present = join(root, "node_modules", name);
  const offered = join(scratch, "node_modules", name);
  const [before, after] = [await pricesIn(present), await pricesIn(offered)];

  say(`${name}: ${versionIn(present)} → ${versionIn(offered)}`);
  const changes = [...new Set([...before.models.keys(), ...after.models.keys()])].sort().flatMap((model) => {
    const [old, now] = [before.models.get(model), after.models.get(model)];
    if (old === now) return [];
    return [old && `- ${model} ${old}`, now && `+ ${model} ${now}`].filter(Boolean);
  });
  say(changes.length === 0 ? "No price differs." : changes.join("\n"));

  if (write && before.hash !== after.hash) {
    npm(
      "install",
      "-w",
      "services/consumer",
      "--save-exact",
      "--no-audit",
      "--no-fund",
      `${name}@${versionIn(offered)}`,
    );
    const source = readFileSync(pinned, "utf8")
      .replace(/(genaiPricesVersion = )"[^"]*"/, `$1"${versionIn(offered)}"`)
      .replace(/(genaiPricesHash = )"[^"]*"/, `$1"${after.hash}"`);
    writeFileSync(pinned, source);
    say(
      "Written. Read service-tiers.ts against its sources too, then run: npx vitest run services/consumer/test/derive",
    );
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
