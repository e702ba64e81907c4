import { createRandom } from "../generator/random.ts";
import type { Fault } from "./fault.ts";
import { gatewayKilled } from "./gateway-fault.ts";
import { groupFaults } from "./group-faults.ts";
import { logFaults } from "./log-faults.ts";
import { hugeTrace, recordFaults } from "./record-faults.ts";
import { rolloutFault } from "./rollout-fault.ts";
import type { Scene } from "./scene.ts";
import { statementFaults, suspensions } from "./statement-faults.ts";
import { consumerClocks, storeFaults } from "./store-faults.ts";

/** Of two consumers over Kafka. */
export const faults: readonly Fault[] = [
  ...statementFaults,
  ...suspensions,
  ...groupFaults,
  ...logFaults,
  ...storeFaults,
  ...recordFaults,
  consumerClocks,
  gatewayKilled,
  rolloutFault,
];

/** Struck by name only, for it takes minutes. */
const byName: readonly Fault[] = [hugeTrace];

/**
 * Of standalone, which is one process with a log of its own. It is killed and started first: who has just started knows no
 * trace by heart, and so comes to read back and to mark what is stored.
 */
export const standaloneFaults: readonly Fault<Scene>[] = statementFaults.map((fault) => ({
  ...fault,
  window: `standalone, ${fault.window}`,
  async strike(scene) {
    await scene.publish();
    for (const member of scene.members) {
      await member.kill();
      await member.start();
    }
    return fault.strike(scene);
  },
}));

/** Every window that there is. */
export const windows: readonly string[] = [...windowsOf(faults), ...windowsOf(standaloneFaults)];

/** What a seed does to which deployment. */
export type DrawnRun =
  | { readonly kind: "kafka"; readonly faults: readonly Fault[] }
  | { readonly kind: "standalone"; readonly faults: readonly Fault<Scene>[] };

/** Apart from the streams of the generator. */
const drawStream = 0xfa17;
/** Every third run is of standalone. */
const turns = 3;

/** Two to four faults, each in another window. The first one's goes round with the seed, so that many runs miss none. */
export function drawRun(seed: number): DrawnRun {
  const [round, turn] = [Math.floor(seed / turns), seed % turns];
  if (turn === turns - 1) return { kind: "standalone", faults: drawn(standaloneFaults, seed, round) };
  return { kind: "kafka", faults: drawn(faults, seed, round * (turns - 1) + turn) };
}

/** One fault, the one of this number, from 0 and round again, among those whose window and action hold the text. */
export function oneFault(text: string, number: number): DrawnRun {
  const all = [
    ...[...faults, ...byName].map((fault): DrawnRun => ({ kind: "kafka", faults: [fault] })),
    ...standaloneFaults.map((fault): DrawnRun => ({ kind: "standalone", faults: [fault] })),
  ];
  const found = all.filter(({ faults: [fault] }) => `${fault!.window}: ${fault!.action}`.includes(text));
  if (found.length === 0)
    throw new Error(`--window: expected a part of one of: ${[...windows, ...windowsOf(byName)].join("; ")}`);
  return found[number % found.length]!;
}

function drawn<In extends Scene>(from: readonly Fault<In>[], seed: number, first: number): Fault<In>[] {
  const random = createRandom(seed, drawStream);
  const left = windowsOf(from);
  return Array.from({ length: random.int(2, 4) }, (_, i) => {
    const [window] = left.splice(i === 0 ? first % left.length : random.int(0, left.length - 1), 1);
    return random.pick(from.filter((fault) => fault.window === window));
  });
}

function windowsOf(faults: readonly { readonly window: string }[]): string[] {
  return [...new Set(faults.map(({ window }) => window))];
}
