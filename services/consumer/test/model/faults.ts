import { freshRows, unmarkedRows, violationsOf } from "./invariants.ts";
import { createRandom } from "./random.ts";
import { buckets, minutesPerHour, randomRecords, type SentRecord } from "./records.ts";
import type { Rules } from "./rules.ts";
import { Simulation } from "./simulation.ts";
import { partitions } from "./span-log.ts";

type Fault = (simulation: Simulation, unpublished: SentRecord[]) => void;

/** What the world does to the protocol. */
const faults: Readonly<Record<string, Fault>> = {
  publish: ({ log }, unpublished) => {
    if (unpublished.length > 0) log.publish(unpublished.pop()!);
  },
  "publish a duplicate": ({ log }) => log.republish(),
  kill: (simulation) => simulation.kill(simulation.random.pick(simulation.living())),
  "kill a roll": (simulation) => {
    const [rolling] = simulation.living().filter((process) => simulation.busy("roll", process));
    if (rolling) simulation.kill(rolling);
  },
  "cut off": (simulation) => simulation.cutOff(simulation.random.pick(simulation.living())),
  "let traces go": (simulation) => simulation.letGo(simulation.random.pick(simulation.living())),
  rebalance: (simulation) => simulation.rebalance(),
  "activate prices": (simulation) => simulation.startReprice(),
  "kill the re-pricer": (simulation) => simulation.killJobs((job) => job.kind === "reprice"),
  "erase a person": (simulation) => simulation.startErase(),
  "kill the eraser": (simulation) => simulation.killJobs((job) => job.kind === "erase"),
  "restart the log at 0": (simulation) => {
    simulation.log.restart(simulation.random.pick(partitions));
    simulation.rebalance();
  },
  "an hour closes and is folded": (simulation) => {
    simulation.store.closedHours.add(simulation.random.below(buckets / minutesPerHour));
    simulation.startFold(simulation.random.pick(simulation.living()));
  },
};

const faultySteps = 300;

export interface Judgement {
  readonly violations: readonly string[];
  readonly schedule: readonly string[];
}

/** Records come, processes interleave, faults strike; then quiet, judged, and judged again when all the dead came through. */
export function runSchedule(rules: Rules, seed: number): Judgement {
  const random = createRandom(seed);
  const accepted = randomRecords(random);
  const unpublished = [...accepted];
  const simulation = new Simulation(rules, random);
  // Each schedule has its own few kinds of faults, and its own rate: much of everything hides what one of them does,
  // since every new assignment delivers everything again.
  const kinds = random.shuffle(Object.keys(faults)).slice(0, random.between(1, 4));
  const rate = random.pick([0.01, 0.04, 0.12]);
  const strike = (name: string) => {
    simulation.schedule.push(`-- ${name}`);
    faults[name]!(simulation, unpublished);
  };
  for (let step = 0; step < faultySteps; step++) {
    const moved = simulation.step({ zombies: true, dead: true, newWork: true });
    if (unpublished.length > 0 && (!moved || random.chance(0.15))) strike("publish");
    else if (random.chance(rate)) strike(random.pick(kinds));
    else if (!moved) break;
  }
  while (unpublished.length > 0) faults.publish!(simulation, unpublished);

  // The living work until nothing is left to do; of the others some move now, some later.
  const others = () => random.chance(0.3);
  while (simulation.step({ zombies: false, dead: false, newWork: true })) {
    if (others()) simulation.step({ zombies: true, dead: true, newWork: false });
  }
  const violations = violationsOf(simulation.store, freshRows(simulation.store, accepted));
  simulation.schedule.push("-- quiet");
  while (simulation.step({ zombies: true, dead: true, newWork: false })) {}
  for (const late of violationsOf(simulation.store, freshRows(simulation.store, accepted)))
    violations.push(`after the dead came through: ${late}`);
  return { violations, schedule: simulation.schedule };
}

const embeddedFaults = [
  "publish a duplicate",
  "activate prices",
  "an hour closes and is folded",
  "let traces go",
  "erase a person",
];

/** The same for one process over the embedded bus: it crashes whole, and begins again from what lies in the store. */
export function runEmbedded(rules: Rules, seed: number): Judgement {
  const random = createRandom(seed);
  const unpublished = randomRecords(random);
  const simulation = new Simulation(rules, random);
  simulation.crash();
  for (let step = 0; step < faultySteps; step++) {
    simulation.step({ zombies: false, dead: false, newWork: true });
    if (random.chance(0.15)) faults.publish!(simulation, unpublished);
    if (random.chance(0.02)) faults[random.pick(embeddedFaults)]!(simulation, unpublished);
    if (random.chance(0.01)) {
      simulation.schedule.push("-- crash");
      simulation.crash();
    }
  }
  while (simulation.step({ zombies: false, dead: false, newWork: true })) {}
  return { violations: violationsOf(simulation.store, unmarkedRows(simulation.store)), schedule: simulation.schedule };
}
