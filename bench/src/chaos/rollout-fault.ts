import { join } from "node:path";
import { createActivations } from "@spanhouse/store/activations";
import type { Fault } from "./fault.ts";
import { recordsUnderTraffic } from "./scene.ts";

/** The same build, which says of its derivation that it is the next one. */
export const asNextVersion: readonly string[] = [
  "--import",
  join(import.meta.dirname, "..", "..", "programs", "next-derivation.mjs"),
];

/** The next version for one after the other, back, and out again: in order, and once by SIGKILL. */
export const rolloutFault: Fault = {
  window: "new version rolled out, rolled back, rolled out",
  action: "under traffic",
  async strike(scene) {
    const { clickhouse, members } = scene;
    await scene.settled();
    const activations = createActivations(clickhouse);
    const numbers: (number | undefined)[] = [(await activations.latest("code"))?.number];
    const programs = [[...asNextVersion, ...scene.program], scene.program, [...asNextVersion, ...scene.program]];
    for (const [turn, program] of programs.entries()) {
      for (const [i, member] of members.entries()) {
        await scene.publish();
        await (turn === 1 && i === 0 ? member.kill() : member.stop());
        await member.start(program);
        await scene.publish();
      }
      await scene.settled();
      numbers.push((await activations.latest("code"))?.number);
      if (!(await recordsUnderTraffic(scene, members[0]))) return false;
    }
    return new Set(numbers).size === numbers.length;
  },
};
