import type { Fault } from "./fault.ts";
import type { Scene } from "./scene.ts";

export interface Struck {
  /** Faults that happened, and those whose window was not reached. */
  readonly hit: readonly Pick<Fault, "window" | "action">[];
  readonly missed: readonly Pick<Fault, "window" | "action">[];
}

/** One after the other. */
export async function strikeAll<In extends Scene>(
  faults: readonly Fault<In>[],
  scene: In,
  { tell }: { readonly tell: (line: string) => void },
): Promise<Struck> {
  const began = performance.now();
  const [hit, missed]: [Fault<In>[], Fault<In>[]] = [[], []];
  for (const fault of faults) {
    const happened = await fault.strike(scene);
    (happened ? hit : missed).push(fault);
    const at = ((performance.now() - began) / 1000).toFixed(0);
    tell(`  ${happened ? "hit" : "MISSED"}: ${fault.window}: ${fault.action} (${at} s)`);
  }
  return { hit, missed };
}
