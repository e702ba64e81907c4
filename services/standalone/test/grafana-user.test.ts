import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { grafanaUser } from "../src/commands/grafana-user.ts";

let dataDir: string;
let errors: string[];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "spanhouse grafana user "));
  errors = [];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => errors.push(String(text)) > 0);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(dataDir, { recursive: true });
});

async function run(...args: string[]) {
  const printed: string[] = [];
  const print = (line: string) => void printed.push(line);
  const code = await grafanaUser.run(args, { environment: {}, signal: new AbortController().signal, print });
  return { code, printed: printed.join("\n") };
}

test("prints a file for users.d, and the password apart from it", async () => {
  const { code, printed } = await run("--project", "shop", "--project", "it's <new>", "--user", "grafana_shop");
  expect(code).toBe(0);
  expect(printed).toContain("<filter>project IN ('shop', 'it\\'s &lt;new&gt;')</filter>");
  expect(printed).toContain("<query>GRANT SELECT ON spanhouse.spend</query>");
  const password = /^password of grafana_shop: (\S+)\n$/.exec(errors.join(""))![1]!;
  expect(password.length).toBeGreaterThan(30);
  expect(printed).not.toContain(password);
  expect(printed).toContain(createHash("sha256").update(password).digest("hex"));
});

test("writes the file where a standalone reads it, for its owner alone", async () => {
  const { code, printed } = await run("--project", "shop", "--data", dataDir);
  expect(code).toBe(0);
  const file = join(dataDir, "server.d", "grafana.xml");
  expect(printed).toContain(file);
  expect(readFileSync(file, "utf8")).toContain("<filter>project IN ('shop')</filter>");
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test.each([
  [[], /^--project: expected the name of a project/],
  [["--project", "shop", "--user", "a b"], /^--user: expected letters/],
  [["--project", "shop", "--database", "<x>"], /^--database: expected letters/],
  [["--project", "shop", "--user", "reader"], /^--user: reader is a user of Spanhouse itself/],
])("%j is refused", async (args, message) => {
  await expect(run(...args)).rejects.toMatchObject({ code: "CONFIG", message: expect.stringMatching(message) });
  expect(errors).toEqual([]);
});
