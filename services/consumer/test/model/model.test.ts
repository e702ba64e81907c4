import { describe, expect, test } from "vitest";
import { runEmbedded, runSchedule } from "./faults.ts";
import { protocol, type Rules } from "./rules.ts";

const schedules = Number(process.env.SPANHOUSE_MODEL_SCHEDULES ?? (process.env.SPANHOUSE_TEST_FULL ? 4000 : 500));
const firstSeed = Number(process.env.SPANHOUSE_MODEL_SEED ?? 1);

const search = { "over Kafka": runSchedule, "over the embedded bus": runEmbedded };

test.each(Object.entries(search))(
  `the protocol is exact %s under ${schedules} schedules from seed ${firstSeed}`,
  (_, run) => {
    for (let seed = firstSeed; seed < firstSeed + schedules; seed++) {
      const { violations, schedule } = run(protocol, seed);
      if (violations.length > 0) expect.fail([`seed ${seed}:`, ...violations, "", ...schedule].join("\n"));
    }
  },
  3_600_000,
);

describe("a control that must fail does", () => {
  const controls: Record<string, Partial<Rules>> = {
    "a slice ranked by the maximum of its rows' versions": { rank: "maximum" },
    "dirty only what this flush itself raised": { dirty: "raised" },
    "the price number above the marks": { version: "price-above-marks" },
    "read back before the acknowledgement": { readBack: "at-once" },
    "checkpoint before the roll": { checkpoint: "before-roll" },
    "a row for each dimension": { slices: "row-per-dimension" },
    "an additive rollup": { slices: "additive" },
    "the price number read once": { price: "read-once" },
    "closed hours judged before the minutes are acknowledged": { closed: "asked-before" },
    "a summary placed by rows that count": { summaryAt: "counting-rows" },
    "a re-pricer that dirties only what it restamped": { repriced: "restamped" },
    "a re-pricer that summarises without marking": { repricerMarks: "not" },
    "a trace taken from memory whoever else wrote it": { memory: "any-known" },
    "other writers asked for before the rows are acknowledged": { memory: "asked-before" },
    "a trace that was let go taken for a new one": { letGo: "new" },
    "a re-pricer that nobody notices": { repricer: "silent" },
    "erased persons asked for once": { erasure: "asked-once" },
    "a blanked row written over contents that are not blanked yet": { erasedBefore: "nothing" },
    "an erased trace blanked row by row": { erasedTrace: "row-by-row" },
    "erased traces that nobody remembers": { erasedTraces: "forgotten" },
  };
  const embeddedControls: Record<string, Partial<Rules>> = {
    "recovery from when the checkpoint was written": { rolledFrom: "checkpoint" },
    "recovery that dirties without marking": { recovery: "dirty" },
    "marks by rows that may never come through": { knownMarks: "whole-flush" },
  };
  const all = [
    ...Object.entries(controls).map(([name, wrong]) => ({ name, wrong, run: runSchedule })),
    ...Object.entries(embeddedControls).map(([name, wrong]) => ({ name, wrong, run: runEmbedded })),
  ];
  test.each(all.map((control) => [control.name, control] as const))(
    "%s",
    (_, { wrong, run }) => {
      let seed = 1;
      while (run({ ...protocol, ...wrong }, seed).violations.length === 0) {
        if (++seed > 20_000) expect.fail(`no violation in ${seed} schedules: the model cannot see this fault`);
      }
    },
    120_000,
  );
});
