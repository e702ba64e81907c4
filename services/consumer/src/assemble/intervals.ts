import { childrenOf, cyclesOf } from "./forest.ts";

/**
 * A line on which everything below a node lies in one stretch: node n has the place `order[place] = n`, and n with all
 * nodes below it are the places [enter[n], leave[n]). Questions about ancestors become questions about stretches.
 *
 * The nodes of a parent cycle are each below all others of it, so they share the stretch of the whole component. That
 * keeps "below" a relation that only grows when rows are added, which cutting a cycle somewhere would not.
 */
export interface Intervals {
  readonly order: Int32Array;
  readonly enter: Int32Array;
  readonly leave: Int32Array;
}

/** Linear in the number of nodes, whatever their depth. `parents[n] < 0`: n has none. */
export function intervalsOf(parents: Int32Array): Intervals {
  const count = parents.length;
  const order = new Int32Array(count);
  const enter = new Int32Array(count);
  const leave = new Int32Array(count);
  const { first, next } = childrenOf(parents);
  const stack = new Int32Array(count);
  const inCycle = new Uint8Array(count);
  let places = 0;

  // A node is taken after its parent and before anything that is not below it.
  const descend = (waiting: number) => {
    let height = waiting;
    while (height > 0) {
      const node = stack[--height]!;
      enter[node] = places;
      order[places++] = node;
      for (let child = first[node]!; child >= 0; child = next[child]!) {
        if (inCycle[child] === 0) stack[height++] = child;
      }
    }
  };

  for (let node = 0; node < count; node++) {
    if (parents[node]! >= 0) continue;
    stack[0] = node;
    descend(1);
  }
  const treePlaces = places;
  const components: { readonly cycle: readonly number[]; readonly start: number; readonly end: number }[] = [];
  if (places < count) {
    for (const cycle of cyclesOf(parents)) {
      for (const node of cycle) inCycle[node] = 1;
      const start = places;
      for (let i = 0; i < cycle.length; i++) stack[i] = cycle[i]!;
      descend(cycle.length);
      components.push({ cycle, start, end: places });
    }
  }

  const size = new Int32Array(count).fill(1);
  for (let place = count - 1; place >= 0; place--) {
    const node = order[place]!;
    leave[node] = place + size[node]!;
    const parent = parents[node]!;
    if (parent >= 0 && (place < treePlaces || inCycle[node] === 0)) size[parent]! += size[node]!;
  }
  for (const { cycle, start, end } of components) {
    for (const node of cycle) {
      enter[node] = start;
      leave[node] = end;
    }
  }
  return { order, enter, leave };
}
