import { planCall } from "./call.ts";
import { endings } from "./endings.ts";
import type { PlannedTrace } from "./plan-trace.ts";
import { createRandom } from "./random.ts";
import { services } from "./services.ts";
import { TraceDraft } from "./trace-draft.ts";

/** Apart from the streams of other traces. */
const hugeStream = 0x4b16;
/** Steps of the program between two calls. */
const stepsPerCall = 19;

/** One trace of at least so many spans, hours long: a program that never begins another, and asks a model now and then. */
export function planHugeTrace(seed: number, spans: number, startUs: number, project: string): PlannedTrace {
  const random = createRandom(seed, hugeStream);
  const traceId = random.hex(16);
  const service = random.weighted(services);
  const facts = { random, traceId, service, userId: "user-huge", conversationId: undefined, feature: "crawl" };
  const draft = new TraceDraft({ ...facts, identified: "calls" }, startUs);
  const root = draft.newSpanId();
  const step = (parentSpanId: string | undefined, spanId: string, stepStartUs: number) =>
    draft.add({
      ...{ spanId, parentSpanId, name: parentSpanId === undefined ? "crawl" : "step", role: "other", operation: "" },
      ...{ startUs: stepStartUs, endUs: draft.pass(1, 30), ending: endings.done, texts: {} },
    });
  while (draft.spans.length < spans - 1) {
    planCall(draft, { spanId: root, told: [] });
    for (let i = 0; i < stepsPerCall; i++) step(root, draft.newSpanId(), draft.nowUs);
  }
  step(undefined, root, startUs);
  return { project, traceId, spans: draft.spans };
}
