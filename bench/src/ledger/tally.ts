import type { StoredTally } from "./ledger.ts";

interface Shape {
  readonly dimensions: readonly string[];
  readonly measures: readonly string[];
}

/** Sums of measures by each value of each dimension. */
export class Tally {
  readonly #shape: Shape;
  readonly #sums: ReadonlyMap<string, Map<string, bigint[]>>;

  constructor(shape: Shape) {
    this.#shape = shape;
    this.#sums = new Map(shape.dimensions.map((dimension) => [dimension, new Map()]));
  }

  add(project: string, facts: Readonly<Record<string, string>>, measures: Readonly<Record<string, bigint>>): void {
    const amounts = this.#shape.measures.map((measure) => measures[measure] ?? 0n);
    for (const [dimension, sumsByValue] of this.#sums) {
      const key = dimension === "project" ? project : `${project} ${facts[dimension]!}`;
      const sums = sumsByValue.get(key);
      if (sums === undefined) sumsByValue.set(key, [...amounts]);
      else
        amounts.forEach((amount, i) => {
          sums[i]! += amount;
        });
    }
  }

  stored(): StoredTally {
    const textsOf = (sums: readonly bigint[]) => sums.map(String);
    return Object.fromEntries(
      [...this.#sums].map(([dimension, byValue]) => [
        dimension,
        Object.fromEntries([...byValue].map(([value, sums]) => [value, textsOf(sums)])),
      ]),
    );
  }
}
