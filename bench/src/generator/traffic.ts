import { type Delivery, deliveriesOf } from "./deliveries.ts";
import { type PlannedTrace, planTrace } from "./plan-trace.ts";
import { createRandom } from "./random.ts";

export interface TrafficOptions {
  readonly seed: number;
  readonly traces: number;
  /** Unix milliseconds at which the first trace begins. */
  readonly startMs: number;
  /** Over how long traces begin; what they lead to may come later. */
  readonly hours: number;
  readonly projects: readonly string[];
}

const minuteUs = 60_000_000;
/** Keeps the numbers that deliveries draw apart from those of the traces themselves. */
const deliverySeed = 0x5eed;

/**
 * All deliveries in the order of their arrival. Each trace is told before anything of it is delivered. The same options
 * give the same bytes.
 */
export function* traffic(options: TrafficOptions, planned: (trace: PlannedTrace) => void): Generator<Delivery> {
  const { seed, traces, startMs, hours, projects } = options;
  const random = createRandom(seed, deliverySeed);
  const underWay = new Map<number, Delivery[]>();
  const stepUs = (hours * 3_600_000_000) / traces;
  let nextMinute = Math.floor((startMs * 1000) / minuteUs);

  function* arrivals(before: number): Generator<Delivery> {
    for (; nextMinute < before; nextMinute++) {
      const arrived = underWay.get(nextMinute);
      underWay.delete(nextMinute);
      if (arrived) yield* arrived.sort((a, b) => a.arrivesUs - b.arrivesUs);
    }
  }

  for (let number = 0; number < traces; number++) {
    const startUs = Math.floor(startMs * 1000 + (number + random.int(0, 999) / 1000) * stepUs);
    yield* arrivals(Math.floor(startUs / minuteUs));
    const trace = planTrace(seed, number, startUs, projects);
    planned(trace);
    for (const delivery of deliveriesOf(trace, random)) {
      const minute = Math.floor(delivery.arrivesUs / minuteUs);
      const others = underWay.get(minute);
      if (others) others.push(delivery);
      else underWay.set(minute, [delivery]);
    }
  }
  yield* arrivals(Math.max(nextMinute, ...underWay.keys()) + 1);
}
