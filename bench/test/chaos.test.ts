import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClickHouse } from "@spanhouse/store/clickhouse";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { testBrokers } from "../../infra/kafka/test-brokers.ts";
import type {} from "../../services/store/test/global-setup.ts";
import { drawFaults, faults } from "../src/chaos/draw-faults.ts";
import type { Fault } from "../src/chaos/fault.ts";
import { passed, runChaos } from "../src/chaos/run-chaos.ts";
import { type LocalStack, startLocalStack } from "../src/measure/local-stack.ts";
import { commandFromSource, consumerFromSource, gatewayFromSource } from "./from-source.ts";

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "spanhouse-chaos-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** The servers of all tests: what kills them is for a run that has its own. */
async function sharedStack(): Promise<LocalStack> {
  const { url, writer } = inject("clickhouse");
  const forbidden = () => Promise.reject(new Error("these servers belong to other tests too"));
  return {
    brokers: await testBrokers(),
    engine: { pid: -1 },
    restartBroker: forbidden,
    directory,
    database(database) {
      const options = { url, ...writer, database };
      return { options, clickhouse: createClickHouse(options) };
    },
    versions: forbidden,
    stop: forbidden,
  };
}

const programs = { consumer: consumerFromSource, gateway: gatewayFromSource, command: commandFromSource };
const quietly = { tell: () => undefined };

function fault(window: string, action: string): Fault {
  return faults.find((one) => one.window === window && one.action === action)!;
}

const whatHappened = ({ window, action }: Fault) => `${window}: ${action}`;

describe.runIf(process.env.SPANHOUSE_TEST_FULL)("two consumers under faults", () => {
  it.each([
    { seed: 1, struck: [fault("between spans and payloads", "SIGKILL")] },
    { seed: 2, struck: [fault("before rollup", "suspended past its session")] },
  ])("seed $seed: nothing is lost and nothing counts twice", { timeout: 240_000 }, async ({ seed, struck }) => {
    const stack = await sharedStack();
    const result = await runChaos({
      ...{ ...programs, ...quietly, stack, seed, traces: 60 },
      // What brokers allow by default.
      sessionTimeoutMs: 6_000,
      faults: struck,
    });
    expect(result.hit.map(whatHappened)).toEqual(struck.map(whatHappened));
    expect(result.differences).toEqual([]);
    expect(result.verified).toEqual([]);
    expect(result.compared).toBeGreaterThan(2_000);
    expect(passed(result)).toBe(true);
    // A fault that did not happen proves nothing, whatever the oracles say.
    expect(passed({ ...result, hit: [], missed: struck })).toBe(false);
  });
});

describe.runIf(process.env.SPANHOUSE_TEST_FULL)("what must not pass: consumers whose writes get lost", () => {
  it.each([
    { swallows: "payloads", ledger: /^span_payloads /, verify: undefined },
    { swallows: "marks", ledger: /^spans as spend /, verify: /"what":"marks"/ },
    { swallows: "summaries", ledger: /^traces /, verify: /"what":"summary"/ },
    { swallows: "minutes", ledger: /^spend\(minute\) /, verify: /"what":"slice"/ },
    { swallows: "checkpoint", ledger: undefined, verify: /"what":"position".*"wrong":true/ },
  ] as const)("$swallows", { timeout: 300_000 }, async ({ swallows, ledger, verify }) => {
    const result = await runChaos({
      ...{ ...programs, ...quietly, stack: await sharedStack(), swallows, faults: [] },
      ...{ seed: 3, traces: 60, sessionTimeoutMs: 6_000 },
    });
    expect(passed(result)).toBe(false);
    const places = result.differences.map(({ place }) => place);
    expect(places).toEqual(ledger ? expect.arrayContaining([expect.stringMatching(ledger)]) : []);
    if (verify) expect(result.verified).toContainEqual(expect.stringMatching(verify));
    else expect(result.verified).toEqual([]);
  });
});

it.runIf(process.env.SPANHOUSE_TEST_FULL)("twenty runs, drawn by seed", { timeout: 3_600_000 }, async () => {
  const stack = await startLocalStack({ "group.min.session.timeout.ms": 4_000 });
  try {
    for (let seed = 1; seed <= 20; seed++) {
      const drawn = drawFaults(seed);
      const options = { ...programs, ...quietly, stack, seed, traces: 300, sessionTimeoutMs: 4_000, faults: drawn };
      const { missed, differences, verified, deadLetters } = await runChaos(options);
      const found = { missed: missed.map(whatHappened), differences, verified, deadLetters };
      expect(found, `seed ${seed}`).toEqual({ missed: [], differences: [], verified: [], deadLetters: 0 });
    }
  } finally {
    await stack.stop();
  }
});

it("draws the same faults by the same seed, and every window in as many seeds as there are", () => {
  const windows = new Set(faults.map(({ window }) => window));
  const drawn = Array.from({ length: windows.size }, (_, seed) => drawFaults(seed));
  expect(drawn).toEqual(drawn.map((_, seed) => drawFaults(seed)));
  expect(new Set(drawn.flat().map(({ window }) => window))).toEqual(windows);
  for (const { length } of drawn) expect([2, 3, 4]).toContain(length);
});
