import { type ProviderSimulator, startProviderSimulator } from "@spanhouse/conformance/provider-simulator";
import { createDeriver } from "@spanhouse/consumer/derive/derive-span";
import { createGenaiPrices } from "@spanhouse/consumer/derive/price/genai-prices";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Case } from "../../src/replay/case-file.ts";
import { readCase, writeCase } from "../../src/replay/case-file.ts";
import { ReplayRun } from "../../src/replay/replay-run.ts";
import { type ReplayServer, startReplayServer } from "../../src/replay/replay-server.ts";
import { reportOf } from "../../src/replay/report.ts";
import { runProgram } from "../../src/replay/run-program.ts";
import { type Language, noNetwork, programs, recordCase } from "./record-case.ts";

let simulator: ProviderSimulator;
let server: ReplayServer;
beforeAll(async () => {
  simulator = await startProviderSimulator();
  server = await startReplayServer();
});
afterAll(() => Promise.all([simulator.stop(), server.stop()]));

const replays = process.env.SPANHOUSE_TEST_FULL ? 50 : 2;

async function replay(recorded: Case, command: readonly string[]) {
  const run = new ReplayRun(recorded, { onMiss: { kind: "fail" }, delays: "none", live: new Set() });
  const address = server.open(run);
  const signal = new AbortController().signal;
  const options = { address, recorded, environment: noNetwork, signal, timeoutMs: 60_000, stdoutToStderr: true };
  const end = await runProgram(command, options);
  server.close(address);
  return reportOf(run, end, createDeriver({ priceBook: await createGenaiPrices() })).report;
}

test.each(Object.keys(programs) as Language[])(
  "an unchanged concurrent program in %s: equal reports, all the same",
  async (language) => {
    const command = programs[language]("workers");
    const recorded = await recordCase(command, simulator.url);
    const asked = simulator.requests().length;
    expect(recorded.spans).toHaveLength(1 + 6 * 7);
    // As from a file.
    const text = writeCase(recorded);
    const kept = readCase(text, "case");
    expect(writeCase(kept)).toBe(text);

    const reports = [];
    for (let i = 0; i < replays; i++) reports.push(await replay(kept, command));
    for (const report of reports) {
      expect(report.spans.filter(({ verdict }) => verdict !== "same")).toEqual([]);
      expect(report.result).toBe("same");
      expect(report.cost.difference).toBe("0.000000000000");
      expect(report.output.replayed).toBe(report.output.recorded);
    }
    expect(new Set(reports.map(({ fingerprint }) => fingerprint)).size).toBe(1);
    expect(simulator.requests()).toHaveLength(asked);
  },
  300_000,
);
