import type { Random } from "../generator/random.ts";
import { normal, uniform } from "./distributions.ts";

export interface SimulatedModel {
  readonly name: string;
  readonly provider: string;
  /** Of a call, pico-dollars; a call of twice the tokens costs twice as much. */
  readonly cost: number;
}

/** A service whose traffic has a day and a week. */
export interface SimulatedService {
  readonly name: string;
  /** Calls a minute, in the mean of the week. */
  readonly calls: number;
  /** How much more in the busiest hour than in the mean, as a share. */
  readonly daily: number;
  /** Of the day, hours UTC. */
  readonly peak: number;
  /** Of a workday. */
  readonly weekend: number;
  /** From week to week. */
  readonly growth: number;
  readonly models: readonly SimulatedModel[];
  readonly features: readonly string[];
  readonly regions: readonly string[];
  /** Shares of calls: by model, feature and region. */
  readonly shares: readonly (readonly number[])[];
  readonly errors: number;
  readonly refusals: number;
}

const models: readonly SimulatedModel[] = [
  { name: "gpt-4o-2024-08-06", provider: "openai", cost: 6_000_000_000 },
  { name: "gpt-4o-mini-2024-07-18", provider: "openai", cost: 400_000_000 },
  { name: "claude-sonnet-4-5-20250929", provider: "anthropic", cost: 9_000_000_000 },
  { name: "claude-haiku-4-5-20251001", provider: "anthropic", cost: 2_500_000_000 },
  { name: "mistral-large-2411", provider: "mistral_ai", cost: 4_000_000_000 },
];
const features = ["summary", "search", "support", "translation", "extraction", "chat"] as const;
const regions = ["eu-west-1", "us-east-1"] as const;

export function drawServices(random: Random, count: number): readonly SimulatedService[] {
  return Array.from({ length: count }, (_, i) => {
    const own = { models: several(random, models, 3), features: several(random, features, 3), regions: [...regions] };
    return {
      name: `service-${String(i + 1).padStart(2, "0")}`,
      calls: 110 + 140 * uniform(random),
      daily: 0.3 + 0.35 * uniform(random),
      peak: 6 + 14 * uniform(random),
      weekend: 0.5 + 0.5 * uniform(random),
      growth: 0.02 * normal(random),
      ...own,
      shares: [own.models, own.features, own.regions].map((values) => shares(random, values.length)),
      errors: 0.004 + 0.02 * uniform(random),
      refusals: 0.002 + 0.02 * uniform(random),
    };
  });
}

function several<T>(random: Random, from: readonly T[], count: number): readonly T[] {
  const left = [...from];
  return Array.from({ length: count }, () => left.splice(random.int(0, left.length - 1), 1)[0]!);
}

function shares(random: Random, count: number): readonly number[] {
  const parts = Array.from({ length: count }, () => 0.3 + uniform(random));
  const sum = parts.reduce((a, b) => a + b, 0);
  return parts.map((part) => part / sum);
}

/** What is to be expected at a minute since the epoch. */
export function callsAMinute({ calls, daily, peak, weekend, growth }: SimulatedService, minute: number): number {
  const hour = (minute % 1440) / 60;
  const day = Math.floor(minute / 1440);
  // The epoch was a Thursday.
  const isWeekend = [2, 3].includes(day % 7);
  const angle = ((hour - peak) / 24) * 2 * Math.PI;
  const lunch = 0.08 * Math.sin(2 * angle + 1);
  return calls * (1 + daily * Math.cos(angle) + lunch) * (isWeekend ? weekend : 1) * (1 + growth) ** (day / 7 - 2965);
}
