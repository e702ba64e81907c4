/** How many things of a kind lie within a stretch of places, and what their amounts sum to. Add by ascending place. */
export class Stretches {
  readonly #kinds = new Map<string, { readonly places: number[]; readonly sums: bigint[] }>();

  add(kind: string, place: number, amount: number): void {
    const things = this.#kinds.get(kind);
    if (!things) this.#kinds.set(kind, { places: [place], sums: [0n, BigInt(amount)] });
    else {
      things.places.push(place);
      things.sums.push(things.sums.at(-1)! + BigInt(amount));
    }
  }

  /** Those at places in [enter, leave). */
  count(kind: string, enter: number, leave: number): number {
    const things = this.#kinds.get(kind);
    return things ? firstFrom(things.places, leave) - firstFrom(things.places, enter) : 0;
  }

  sum(kind: string, enter: number, leave: number): bigint {
    const things = this.#kinds.get(kind);
    return things ? things.sums[firstFrom(things.places, leave)]! - things.sums[firstFrom(things.places, enter)]! : 0n;
  }
}

/** The index of the first place that is not below `bound`. */
function firstFrom(places: readonly number[], bound: number): number {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (places[middle]! < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
