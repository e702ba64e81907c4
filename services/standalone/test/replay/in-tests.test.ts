import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type ProviderSimulator, startProviderSimulator } from "@spanhouse/conformance/provider-simulator";
import { replayCase } from "spanhouse/replay";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { keepCase } from "../../src/replay/case-store.ts";
import { noNetwork, programs, recordCase } from "./record-case.ts";

/** A case in a user's own tests: what `spanhouse/replay` is in vitest, and `spanhouse.replay` in pytest. */
const command = `${process.execPath} ${fileURLToPath(new URL("../../dist/main.js", import.meta.url))}`;

let folder: string;
let file: string;
let simulator: ProviderSimulator;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "spanhouse-in-tests-"));
  simulator = await startProviderSimulator();
  file = keepCase(await recordCase([...programs.TypeScript("greeter"), "record"], simulator.url), folder);
  vi.stubEnv("SPANHOUSE_COMMAND", command);
  vi.stubEnv("OPENAI_BASE_URL", noNetwork.OPENAI_BASE_URL);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await simulator.stop();
  rmSync(folder, { recursive: true, force: true });
});

type Greet = (input: { readonly name: string }, greeting: string) => Promise<string>;
const greeter = async () => ((await import("./programs/greeter.mjs" as string)) as { readonly greet: Greet }).greet;

test("in vitest: the same, another prompt, the nearest answer; one after the other", async () => {
  const greet = await greeter();
  const [same, failed, nearest] = await Promise.all([
    replayCase(file, (input: { readonly name: string }) => greet(input, "Hello")),
    replayCase(file, (input: { readonly name: string }) => greet(input, "Good morning")),
    replayCase(file, (input: { readonly name: string }) => greet(input, "Good morning"), { onMiss: "nearest" }),
  ]);
  expect(same.result, same.text).toBe("same");
  expect(failed.result).toBe("failed");
  expect(failed.text).toContain("+ Good morning, I am Ada.");
  expect(failed.spans[1]).toMatchObject({ verdict: "changed_prompt", answered_by: "nothing" });
  expect(nearest).toMatchObject({ result: "differs", counts: { same: 1, changed_prompt: 1 } });
  expect(nearest.output.replayed).toBe(nearest.output.recorded);
  await expect(replayCase(join(folder, "none.jsonl"), () => undefined)).rejects.toThrow("none.jsonl: expected a file");
  expect(simulator.requests()).toHaveLength(1);
}, 60_000);

test("in pytest", async () => {
  const [python = "", path = ""] = programs.Python("test_greeter");
  const environment = { ...noNetwork, SPANHOUSE_COMMAND: command, GREETER_CASE: file };
  const args = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", folder, path];
  const { stdout } = await promisify(execFile)(python, args, { env: environment, cwd: folder });
  expect(stdout).toContain("4 passed");
}, 60_000);
