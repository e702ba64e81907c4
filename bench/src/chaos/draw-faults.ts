import { createRandom } from "../generator/random.ts";
import type { Fault } from "./fault.ts";
import { gatewayKilled } from "./gateway-fault.ts";
import { groupFaults } from "./group-faults.ts";
import { statementFaults } from "./statement-faults.ts";

/** Every fault that there is. */
export const faults: readonly Fault[] = [...statementFaults, ...groupFaults, gatewayKilled];

/** Every window that there is. */
export const windows: readonly string[] = [...new Set(faults.map(({ window }) => window))];

/** Apart from the streams of the generator. */
const drawStream = 0xfa17;

/** Two to four faults, each in another window. The first one's goes round with the seed, so that many runs miss none. */
export function drawFaults(seed: number): readonly Fault[] {
  const random = createRandom(seed, drawStream);
  const left = [...windows];
  return Array.from({ length: random.int(2, 4) }, (_, i) => {
    const [window] = left.splice(i === 0 ? seed % left.length : random.int(0, left.length - 1), 1);
    return random.pick(faults.filter((fault) => fault.window === window));
  });
}
