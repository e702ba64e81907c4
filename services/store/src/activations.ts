import type { ClickHouse } from "./clickhouse.ts";

/** What derives a row: the program's derivation, and the prices and rules in force. */
export type ActivationKind = "code" | "price";

export interface Activations {
  /**
   * The number under which `fingerprint` is in force, activating it with the next number when the latest is another.
   * Numbers only rise, so that a downgrade is a new number too. Two processes that activate at once settle on one.
   */
  activate(kind: ActivationKind, fingerprint: string): Promise<number>;
  /** The latest number and fingerprint of a kind. */
  latest(kind: ActivationKind): Promise<{ readonly number: number; readonly fingerprint: string } | undefined>;
}

export function createActivations(clickhouse: ClickHouse): Activations {
  async function latest(kind: ActivationKind) {
    // Of two that took the same number at once, the least fingerprint has it; the other takes the next.
    const [row] = await clickhouse.query<{ number: number; fingerprint: string }>(
      "SELECT number, fingerprint FROM activations WHERE kind = {kind:String} ORDER BY number DESC, fingerprint LIMIT 1",
      { kind },
    );
    return row;
  }

  return {
    latest,
    async activate(kind, fingerprint) {
      const current = await latest(kind);
      if (current?.fingerprint === fingerprint) return current.number;
      for (let number = (current?.number ?? 0) + 1; ; number++) {
        await clickhouse.command(
          "INSERT INTO activations (kind, number, fingerprint) VALUES ({kind:String}, {number:UInt16}, {fingerprint:String})",
          { kind, number, fingerprint },
        );
        const [owner] = await clickhouse.query<{ fingerprint: string }>(
          "SELECT min(fingerprint) AS fingerprint FROM activations WHERE kind = {kind:String} AND number = {number:UInt16}",
          { kind, number },
        );
        if (owner?.fingerprint === fingerprint) return number;
      }
    },
  };
}
