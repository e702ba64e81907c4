import type { Scene } from "./scene.ts";

/** Something that goes wrong at a named point. */
export interface Fault {
  readonly window: string;
  readonly action: string;
  /**
   * Brings it about and sees it through: afterwards both members run, or are about to, and what was down is up. False
   * where the point was not reached; throws where the system did not come back.
   */
  strike(scene: Scene): Promise<boolean>;
}
