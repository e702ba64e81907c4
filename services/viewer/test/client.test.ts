import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const viewer = fileURLToPath(new URL("../", import.meta.url));

test("the typed client is that of the query API's description: npm run client -w @spanhouse/viewer makes it anew", () => {
  const folder = mkdtempSync(join(tmpdir(), "spanhouse-client-"));
  try {
    const made = join(folder, "openapi.d.ts");
    const bin = join(viewer, "node_modules", ".bin", "openapi-typescript");
    const { status, stderr } = spawnSync(bin, ["../query/openapi.json", "--output", made], {
      cwd: viewer,
      encoding: "utf8",
    });
    expect(status, stderr).toBe(0);
    expect(readFileSync(join(viewer, "src/api/openapi.d.ts"), "utf8")).toBe(readFileSync(made, "utf8"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
