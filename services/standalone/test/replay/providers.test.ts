import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ProviderSimulator, startProviderSimulator } from "@spanhouse/conformance/provider-simulator";
import { afterAll, beforeAll, expect, test } from "vitest";
import { keepCase } from "../../src/replay/case-store.ts";
import type { ReplayReport } from "../../src/replay/report.ts";
import { run } from "./command.ts";
import { programs, recordCase } from "./record-case.ts";

let folder: string;
let simulator: ProviderSimulator;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "spanhouse-replay-providers-"));
  simulator = await startProviderSimulator();
});
afterAll(async () => {
  await simulator.stop();
  rmSync(folder, { recursive: true, force: true });
});

test.each([
  { language: "TypeScript", spans: 6 },
  { language: "Python", spans: 8 },
] as const)(
  "clients of each provider, streams and async ones, in $language",
  async ({ language, spans }) => {
    const command = programs[language]("providers");
    const made = await recordCase(command, simulator.url);
    expect(made.spans).toHaveLength(spans);
    const asked = simulator.requests().length;
    const { code, stdout } = await run(["replay", "--set", keepCase(made, folder), "--json", "--", ...command]);
    const report = JSON.parse(stdout) as ReplayReport;
    expect(report.spans.filter(({ verdict }) => verdict !== "same")).toEqual([]);
    expect([report.result, code]).toEqual(["same", 0]);
    expect(simulator.requests()).toHaveLength(asked);
  },
  60_000,
);
