import type { KafkaScene, Scene } from "./scene.ts";

/** Something that goes wrong at a named point. */
export interface Fault<In extends Scene = KafkaScene> {
  readonly window: string;
  readonly action: string;
  /** How many brokers there must be; 1 if not told. */
  readonly brokers?: number;
  /** It sends a trace of so many spans. */
  readonly hugeSpans?: number;
  /**
   * Brings it about and sees it through: afterwards all members run, or are about to, and what was down is up. False
   * where the point was not reached; throws where the system did not come back.
   */
  strike(scene: In): Promise<boolean>;
}
