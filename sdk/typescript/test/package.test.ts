import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { publint } from "publint";
import { expect, test } from "vitest";
import * as fromSource from "../src/spanhouse.ts";
import { sdkVersion } from "../src/version.ts";

const folder = fileURLToPath(new URL("../", import.meta.url));
const manifest = JSON.parse(readFileSync(`${folder}package.json`, "utf8")) as { version: string };

test("the version that spans name is the package's", () => {
  expect(sdkVersion).toBe(manifest.version);
});

test("both builds export what the source does", async () => {
  const names = Object.keys(fromSource).sort();
  const required = createRequire(import.meta.url)(`${folder}cjs/dist/spanhouse.js`) as object;
  expect(Object.keys(required).sort()).toEqual(names);
  expect(Object.keys((await import(`${folder}dist/spanhouse.js`)) as object).sort()).toEqual(names);
});

test("the core is small, and needs nothing but the runtime", async () => {
  const { outputFiles } = await build({
    entryPoints: [`${folder}dist/spanhouse.js`],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "neutral",
    write: false,
  });
  expect(gzipSync(outputFiles[0]!.contents).length).toBeLessThanOrEqual(25_000);
});

test("publint and attw find nothing wrong", async () => {
  expect((await publint({ pkgDir: folder, pack: false })).messages).toEqual([]);
  const attw = fileURLToPath(new URL("../../../node_modules/@arethetypeswrong/cli/dist/index.js", import.meta.url));
  const args = [attw, "--pack", folder, "--profile", "node16", "--format", "ascii"];
  // It ends with 1 where it finds a problem.
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(stdout).toContain("spanhouse/kafka");
});
