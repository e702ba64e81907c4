import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const json = join(root, "dashboards", "json");
const { resolve } = createRequire(import.meta.url);

/** String enums are other types than the texts that JSON has; what a query holds is its data source's own. */
const check = `import type { Dashboard } from "@grafana/schema";
type Plain<T> = T extends string ? \`\${T}\` : T extends readonly (infer U)[] ? Plain<U>[]
  : T extends { refId: string } ? T & Record<string, unknown> : T extends object ? { [K in keyof T]: Plain<T[K]> } : T;
export const dashboards: Plain<Dashboard>[] = `;

test("what Grafana imports is of @grafana/schema's types, with no field that they do not have", () => {
  const scratch = mkdtempSync(join(tmpdir(), "spanhouse-schema-"));
  try {
    const all = readdirSync(json).map((name) => readFileSync(join(json, name), "utf8").trim());
    const compile = (dashboards: readonly string[]) => {
      writeFileSync(join(scratch, "check.ts"), `${check}[${dashboards.join(",\n")}];\n`);
      const { status, stdout } = spawnSync(
        process.execPath,
        [join(root, "node_modules/typescript/bin/tsc"), "-p", scratch],
        {
          encoding: "utf8",
        },
      );
      return { status, stdout };
    };
    const paths = { "@grafana/schema": [dirname(resolve("@grafana/schema/package.json"))] };
    const options = { strict: true, noEmit: true, skipLibCheck: true, module: "esnext", moduleResolution: "bundler" };
    writeFileSync(
      join(scratch, "tsconfig.json"),
      JSON.stringify({ compilerOptions: { ...options, target: "es2023", types: [], paths }, files: ["check.ts"] }),
    );
    expect(all.length).toBe(6);
    expect(compile(all)).toEqual({ status: 0, stdout: "" });
    // A field that there is not, and a text in a number's place, are told.
    const field = all[0]!.replace('"refresh": "1m"', '"refreshed": "1m"');
    const type = all[0]!.replace(/"schemaVersion": \d+/, '"schemaVersion": "x"');
    const { stdout } = compile([field, type]);
    expect(stdout).toContain("'\"refreshed\"' does not exist");
    expect(stdout).toContain("Type 'string' is not assignable to type 'number'");
  } finally {
    rmSync(scratch, { recursive: true });
  }
});
