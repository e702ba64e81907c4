import type { Random } from "../generator/random.ts";
import { normal, poisson } from "./distributions.ts";
import type { Incident } from "./incidents.ts";
import { callsAMinute, type SimulatedService } from "./simulated-services.ts";

/** Calls of one minute that are alike in every dimension. */
export interface SimulatedCalls {
  readonly service: string;
  readonly provider: string;
  readonly response_model: string;
  readonly feature: string;
  readonly region: string;
  readonly outcome: "ok" | "error" | "refused";
  readonly refusal: "none" | "explicit";
  readonly error_class: "none" | "server" | "rate_limit" | "timeout";
  readonly calls: number;
  /** Of all of them, pico-dollars. */
  readonly cost: bigint;
}

/** Slow noise: what a service has more or less than expected, over half an hour; and faster, from minute to minute. */
const slow = { deviation: 0.08, kept: Math.exp(-1 / 30) };
const fast = 0.05;
const driftMinutes = 3 * 1440;

/** The minutes of one service, one after the other. The same random gives the same. */
export function createSimulation(random: Random, service: SimulatedService, incidents: readonly Incident[]) {
  let noise = 0;

  return function callsOf(minute: number): readonly SimulatedCalls[] {
    noise = slow.kept * noise + Math.sqrt(1 - slow.kept ** 2) * slow.deviation * normal(random);
    const expected = callsAMinute(service, minute) * Math.exp(noise + fast * normal(random));
    const under = incidents.filter(({ from, to }) => minute >= from && minute < to);
    const made: SimulatedCalls[] = [];
    const [byModel, byFeature, byRegion] = service.shares as [readonly number[], readonly number[], readonly number[]];
    service.models.forEach((model, m) => {
      service.features.forEach((feature, f) => {
        service.regions.forEach((region, r) => {
          const of = { response_model: model.name, provider: model.provider, feature, region };
          const has = (incident: Incident) => incident.value === "" || of[incident.dimension] === incident.value;
          const share = byModel[m]! * byFeature[f]! * byRegion[r]!;
          let [mean, failing, refusing, tokens] = [expected * share, service.errors, service.refusals, 1];
          for (const incident of under) {
            if (!has(incident)) continue;
            const { kind, size, from } = incident;
            // All that a spike adds has the value, and is spread over the rest as calls are.
            if (kind === "spike") mean += (size - 1) * expected * (share / shareOf(service, incident));
            if (kind === "drop") mean *= size;
            if (kind === "outage") failing = size;
            if (kind === "refusals") refusing = size;
            if (kind === "drift") tokens = 1 + (size - 1) * Math.min(1, (minute - from) / driftMinutes);
          }
          const calls = poisson(random, mean);
          const errors = Math.min(calls, poisson(random, calls * failing));
          const refused = Math.min(calls - errors, poisson(random, calls * refusing));
          const add = (
            count: number,
            result: Pick<SimulatedCalls, "outcome" | "refusal" | "error_class">,
            paid: boolean,
          ) => {
            if (count === 0) return;
            // A call's tokens differ by as much as their mean.
            const spread = Math.max(0.1, 1 + normal(random) / Math.sqrt(count));
            const cost = paid ? BigInt(Math.round(count * model.cost * tokens * spread)) : 0n;
            made.push({ service: service.name, ...of, ...result, calls: count, cost });
          };
          add(calls - errors - refused, { outcome: "ok", refusal: "none", error_class: "none" }, true);
          const error_class = random.pick(["server", "rate_limit", "timeout"] as const);
          add(errors, { outcome: "error", refusal: "none", error_class }, false);
          add(refused, { outcome: "refused", refusal: "explicit", error_class: "none" }, true);
        });
      });
    });
    return made;
  };
}

/** Of the service's calls, the share that has the incident's value. */
function shareOf(service: SimulatedService, { dimension, value }: Incident): number {
  const [byModel, byFeature, byRegion] = service.shares as [readonly number[], readonly number[], readonly number[]];
  const summed = (shares: readonly number[], has: (i: number) => boolean) =>
    shares.reduce((sum, share, i) => sum + (has(i) ? share : 0), 0);
  if (dimension === "feature") return summed(byFeature, (i) => service.features[i] === value);
  if (dimension === "region") return summed(byRegion, (i) => service.regions[i] === value);
  return summed(byModel, (i) => [service.models[i]!.name, service.models[i]!.provider].includes(value));
}
