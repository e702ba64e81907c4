import { planCall } from "./call.ts";
import type { PlannedSpan } from "./planned-span.ts";
import { createRandom, type Random } from "./random.ts";
import { scenarios } from "./scenarios.ts";
import { features, services } from "./services.ts";
import { TraceDraft } from "./trace-draft.ts";

export interface PlannedTrace {
  readonly project: string;
  readonly traceId: string;
  /** Those that will be sent. */
  readonly spans: readonly PlannedSpan[];
}

/** One trace of a seed, by its number: the same whatever others there are. */
export function planTrace(seed: number, number: number, startUs: number, projects: readonly string[]): PlannedTrace {
  const random = createRandom(seed, number);
  const traceId = random.hex(16);
  const draft = new TraceDraft(
    {
      random,
      traceId,
      service: random.weighted(services),
      userId: random.chance(0.8) ? `user-${skewed(random, 2_000)}` : undefined,
      conversationId: random.chance(0.4) ? `conv-${random.hex(5)}` : undefined,
      feature: random.chance(0.7) ? random.pick(features) : undefined,
      identified: random.pick(["every span", "every span", "the root", "calls"]),
    },
    startUs,
  );
  random.weighted(scenarios).plan(draft);
  if (random.chance(0.02)) followUp(draft);
  return { project: projects[skewed(random, projects.length)]!, traceId, spans: sent(draft) };
}

/** Minutes or hours later, something of the same trace still asks a model. */
function followUp(draft: TraceDraft): void {
  const root = draft.spans.find(({ parentSpanId }) => parentSpanId === undefined)!;
  // Below a span whose usage counts, a call could be taken for what that usage was made of; below a call that told none,
  // for that call, told once more.
  const bears = root.role === "call" || (root.usage !== undefined && !root.repeats);
  draft.pass(120_000, 5 * 3_600_000);
  planCall(draft, { spanId: bears ? undefined : root.spanId, told: [] });
}

/** A root that tells no usage may be lost on its way: the spans below are orphans then, and count all the same. */
function sent({ random, spans }: TraceDraft): readonly PlannedSpan[] {
  if (!random.chance(0.02)) return spans;
  const left = spans.filter(({ parentSpanId, usage }) => parentSpanId !== undefined || usage !== undefined);
  return left.length > 0 ? left : spans;
}

/** Few are seen often and many seldom. */
function skewed(random: Random, count: number): number {
  return Math.min(random.int(0, count - 1), random.int(0, count - 1), random.int(0, count - 1));
}
