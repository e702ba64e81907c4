import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClickHouse } from "@spanhouse/store/clickhouse";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { testBrokers } from "../../infra/kafka/test-brokers.ts";
import type {} from "../../services/store/test/global-setup.ts";
import { passed } from "../src/chaos/chaos-run.ts";
import { drawRun, faults, windows } from "../src/chaos/draw-run.ts";
import type { Fault } from "../src/chaos/fault.ts";
import { runKafkaChaos } from "../src/chaos/run-kafka-chaos.ts";
import { runStandaloneChaos } from "../src/chaos/run-standalone-chaos.ts";
import type { Control } from "../src/chaos/store-proxy.ts";
import { additive, doubled, lateRolls, rankedByMaximum } from "../src/chaos/wrong-rolls.ts";
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
    network: [],
    disk: undefined,
    backups: directory,
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

const whatHappened = ({ window, action }: Pick<Fault, "window" | "action">) => `${window}: ${action}`;

describe.runIf(process.env.SPANHOUSE_TEST_FULL)("two consumers under faults", () => {
  it.each([
    { seed: 1, struck: [fault("between spans and payloads", "SIGKILL")] },
    { seed: 2, struck: [fault("before rollup", "suspended past its session")] },
  ])("seed $seed: nothing is lost and nothing counts twice", { timeout: 240_000 }, async ({ seed, struck }) => {
    const stack = await sharedStack();
    const result = await runKafkaChaos({
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
    const result = await runKafkaChaos({
      ...{ ...programs, ...quietly, stack: await sharedStack(), control: { swallows }, faults: [] },
      ...{ seed: 3, traces: 60, sessionTimeoutMs: 6_000 },
    });
    expect(passed(result)).toBe(false);
    const places = result.differences.map(({ place }) => place);
    expect(places).toEqual(ledger ? expect.arrayContaining([expect.stringMatching(ledger)]) : []);
    if (verify) expect(result.verified).toContainEqual(expect.stringMatching(verify));
    else expect(result.verified).toEqual([]);
  });
});

describe.runIf(process.env.SPANHOUSE_TEST_FULL)("what must not pass: consumers whose rolls are wrong", () => {
  const runOf = async (control: Control) =>
    runKafkaChaos({
      ...{ ...programs, ...quietly, stack: await sharedStack(), control, faults: [] },
      ...{ seed: 4, traces: 60, sessionTimeoutMs: 6_000 },
    });

  it("rankedByMaximum, by the ranks at least: a wrong sum stays only where the earlier read comes last", {
    timeout: 300_000,
  }, async () => {
    const result = await runOf(rankedByMaximum);
    expect(passed(result)).toBe(false);
    expect(result.verified).toContainEqual(expect.stringMatching(/"what":"slice"/));
  });

  it.each(Object.entries({ additive, doubled }))("%s", { timeout: 300_000 }, async (_, control) => {
    const result = await runOf(control);
    expect(passed(result)).toBe(false);
    expect(result.differences).toContainEqual(
      expect.objectContaining({ place: expect.stringMatching(/^spend\(minute\) /) }),
    );
    expect(result.verified).toContainEqual(expect.stringMatching(/"what":"slice"/));
  });

  it("rolls that come late, and are right, pass", { timeout: 300_000 }, async () => {
    expect(passed(await runOf(lateRolls))).toBe(true);
  });
});

it.runIf(process.env.SPANHOUSE_TEST_FULL)("twenty runs, drawn by seed", { timeout: 3_600_000 }, async () => {
  const properties = { "group.min.session.timeout.ms": 4_000 };
  const start = (brokers: number) => startLocalStack({ properties, brokers, proxied: true, smallDisk: true });
  let running: { readonly brokers: number; readonly stack: LocalStack } | undefined;
  try {
    for (let seed = 1; seed <= 20; seed++) {
      const run = drawRun(seed);
      const brokers = Math.max(...run.faults.map(({ brokers = 1 }) => brokers));
      if (running?.brokers !== brokers) {
        await running?.stack.stop();
        running = { brokers, stack: await start(brokers) };
      }
      const told = { ...programs, ...quietly, stack: running.stack, seed, traces: 300, sessionTimeoutMs: 4_000 };
      const { missed, differences, verified, wrongLetters } =
        run.kind === "kafka"
          ? await runKafkaChaos({ ...told, faults: run.faults })
          : await runStandaloneChaos({ ...told, faults: run.faults });
      const found = { missed: missed.map(whatHappened), differences, verified, wrongLetters };
      expect(found, `seed ${seed}`).toEqual({ missed: [], differences: [], verified: [], wrongLetters: 0 });
    }
  } finally {
    await running?.stack.stop();
  }
});

it("draws the same faults by the same seed, and every window five times in 200 seeds", () => {
  const drawn = Array.from({ length: 200 }, (_, seed) => drawRun(seed).faults.map(whatHappened));
  expect(drawn).toEqual(drawn.map((_, seed) => drawRun(seed).faults.map(whatHappened)));
  const hits = Array.from({ length: 200 }, (_, seed) => drawRun(seed).faults).flat();
  for (const window of windows) {
    expect(hits.filter((fault) => fault.window === window).length, window).toBeGreaterThanOrEqual(5);
  }
  for (const { length } of drawn) expect([2, 3, 4]).toContain(length);
});
