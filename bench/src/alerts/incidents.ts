import type { Random } from "../generator/random.ts";
import { uniform } from "./distributions.ts";
import { callsAMinute, type SimulatedService } from "./simulated-services.ts";

/** What goes wrong: where, when, how much, and by which value of which dimension it is to be explained. */
export interface Incident {
  readonly kind: "spike" | "drop" | "outage" | "refusals" | "drift";
  readonly service: SimulatedService;
  /** Minutes since the epoch, half-open. */
  readonly from: number;
  readonly to: number;
  /**
   * Of a spike: calls by what they are otherwise. Of a drop: what is left of them. Of an outage and of refusals: the share
   * of the calls with the value that fail. Of a drift: tokens a call at its end by what they are otherwise.
   */
  readonly size: number;
  readonly dimension: "response_model" | "provider" | "feature" | "region";
  /** Empty: of all. */
  readonly value: string;
}

const week = 7 * 1440;
/** Between incidents of one service, so that each is told apart. */
const apart = 180;
/** The fewest calls a minute at which a spike is sure to be one, as the target says. */
const spikeCalls = 100;

/** Incidents of one service in a week that begins at this minute. */
export function drawIncidents(random: Random, service: SimulatedService, begin: number): readonly Incident[] {
  const drawn: Incident[] = [];
  const kinds: readonly Incident["kind"][] = [
    ...(["spike", "spike"] as const),
    ...(random.chance(0.5) ? (["refusals"] as const) : []),
    ...(random.chance(0.5) ? (["outage"] as const) : []),
    ...(random.chance(0.25) ? (["drop"] as const) : []),
  ];
  if (random.chance(0.15)) drawn.push(drift(random, service, begin));
  for (const kind of kinds) {
    const incident = draw(random, service, kind, begin, (from, to) =>
      drawn.every((other) => other.kind === "drift" || to + apart < other.from || from > other.to + apart),
    );
    if (incident) drawn.push(incident);
  }
  return drawn;
}

function draw(
  random: Random,
  service: SimulatedService,
  kind: Incident["kind"],
  begin: number,
  isFree: (from: number, to: number) => boolean,
): Incident | undefined {
  for (let attempt = 0; attempt < 200; attempt++) {
    const from = begin + random.int(60, week - 120);
    const minutes = kind === "spike" ? 5 : random.int(10, 30);
    const to = from + minutes;
    const calls = Math.min(callsAMinute(service, from), callsAMinute(service, to));
    if (calls < spikeCalls || !isFree(from, to)) continue;
    const size = { spike: 3, drop: 0, outage: 0.5 + uniform(random) / 2, refusals: 0.3 + uniform(random) / 3 };
    return { kind, service, from, to, size: size[kind as keyof typeof size], ...cause(random, service, kind) };
  }
  return undefined;
}

/** Over three days the tokens of one model's calls grow, and stay so until the week is over. */
function drift(random: Random, service: SimulatedService, begin: number): Incident {
  const value = random.pick(service.models).name;
  const from = begin + random.int(0, 2 * 1440);
  return { kind: "drift", service, from, to: begin + week, size: 3, dimension: "response_model", value };
}

function cause(
  random: Random,
  service: SimulatedService,
  kind: Incident["kind"],
): Pick<Incident, "dimension" | "value"> {
  if (kind === "drop") return { dimension: "region", value: "" };
  const providers = service.models.map(({ provider }) => provider);
  // A provider of one model would be told apart from the model by nobody.
  const shared = providers.find((provider, i) => providers.indexOf(provider) !== i);
  const model = { dimension: "response_model", value: random.pick(service.models).name } as const;
  const feature = { dimension: "feature", value: random.pick(service.features) } as const;
  const region = { dimension: "region", value: random.pick(service.regions) } as const;
  if (kind === "spike") return random.pick([model, feature, region]);
  return random.pick([model, feature, ...(shared ? [{ dimension: "provider", value: shared } as const] : [])]);
}
