import { type CallOptions, type Frame, madeUpUsage, planCall, planEmbedding } from "./call.ts";
import { type Ending, endings } from "./endings.ts";
import { documents, inputMessages, outputMessages, toolArguments, toolResult } from "./messages.ts";
import { generativeModels, type Model } from "./models.ts";
import type { TokenUsage } from "./price-table.ts";
import type { Weighted } from "./random.ts";
import { agents, frameworkScope, searchService, tools } from "./services.ts";
import type { TraceDraft } from "./trace-draft.ts";

type Scenario = (draft: TraceDraft) => void;

/** What programs do with models, by how often. */
export const scenarios: readonly (Weighted & { readonly plan: Scenario })[] = [
  { weight: 30, plan: (draft) => void planCall(draft, rootFrame()) },
  { weight: 15, plan: planServedChat },
  { weight: 22, plan: planRetrieval },
  { weight: 30, plan: (draft) => void planAgent(draft, rootFrame(), 0) },
  { weight: 3, plan: (draft) => planEmbedding(draft, undefined) },
];

function rootFrame(): Frame {
  return { spanId: undefined, told: [] };
}

/** A chat behind a web server's span, which is no part of GenAI. */
function planServedChat(draft: TraceDraft): void {
  const spanId = draft.newSpanId();
  const startUs = draft.nowUs;
  const ending = planCall(draft, { spanId, told: [] });
  draft.add({
    spanId,
    parentSpanId: undefined,
    scope: "opentelemetry.instrumentation.http",
    name: "POST /v1/chat",
    role: "other",
    operation: "",
    startUs,
    endUs: draft.pass(1, 20),
    ending: ending.outcome === "error" ? endings.serverError : endings.done,
    texts: {},
  });
}

/** A workflow that embeds the question, finds documents in another service, and answers from them. */
function planRetrieval(draft: TraceDraft): void {
  const { random } = draft;
  const frame: Frame = { spanId: draft.newSpanId(), told: [] };
  const startUs = draft.nowUs;
  const retrieval = draft.newSpanId();
  const retrievalStartUs = draft.pass(1, 10);
  planEmbedding(draft, retrieval);
  const failed = random.chance(0.02);
  draft.add({
    spanId: retrieval,
    parentSpanId: frame.spanId,
    service: searchService,
    scope: "search.index",
    name: "retrieval handbook",
    role: "retrieval",
    operation: "retrieval",
    startUs: retrievalStartUs,
    endUs: draft.pass(5, 400),
    ending: failed ? endings.timedOut : endings.done,
    texts: failed ? {} : { documents: documents(random) },
  });
  const ending = planCall(draft, frame);
  endWrapper(draft, { frame, startUs, ending, operation: "invoke_workflow", name: "answer-from-handbook" });
}

const deepest = 3;

/** An agent that reasons, runs tools, hands work to other agents, and answers. */
function planAgent(draft: TraceDraft, parent: Frame, depth: number): Ending {
  const { random } = draft;
  const frame: Frame = { spanId: draft.newSpanId(), told: [] };
  const startUs = draft.pass(0, 5);
  const model = random.weighted(generativeModels);
  // Some frameworks tell usage on the agent alone.
  const opaque = random.chance(0.04);
  const options: CallOptions = { model, tellsUsage: !opaque };
  for (let steps = random.int(0, depth === 0 ? 4 : 2); steps > 0; steps--) {
    const asked = Array.from({ length: random.int(1, 2) }, () => random.pick(tools));
    planCall(draft, frame, { ...options, calledTools: asked });
    for (const name of asked) planTool(draft, frame.spanId!, name, depth);
    // A person is asked, or a queue is long.
    if (random.chance(0.03)) draft.pass(60_000, 1_200_000);
  }
  if (depth < deepest && random.chance(0.12)) planAgent(draft, frame, depth + 1);
  const ending = planCall(draft, frame, options);
  const alone = opaque && frame.told.length === 0 ? madeUpUsage(random, model) : undefined;
  endWrapper(draft, { parent, frame, startUs, ending, operation: "invoke_agent", model, alone });
  return ending;
}

/** A tool's run; some tools are agents of their own, whose usage is nobody else's. */
function planTool(draft: TraceDraft, parentSpanId: string, name: string, depth: number): void {
  const { random } = draft;
  const spanId = draft.newSpanId();
  const startUs = draft.pass(1, 10);
  if (depth < deepest && random.chance(0.08)) planAgent(draft, { spanId, told: [] }, depth + 1);
  const failed = random.chance(0.03);
  draft.add({
    spanId,
    parentSpanId,
    name: `execute_tool ${name}`,
    role: "tool",
    operation: "execute_tool",
    startUs,
    endUs: draft.pass(10, 3_000),
    ending: failed ? endings.toolFailed : endings.done,
    tool: { name, callId: `call_${random.hex(9)}` },
    texts: { arguments: toolArguments(random), ...(!failed && { result: toolResult(random) }) },
  });
}

interface Wrapper {
  readonly parent?: Frame;
  readonly frame: Frame;
  readonly startUs: number;
  readonly ending: Ending;
  readonly operation: "invoke_agent" | "invoke_workflow";
  readonly name?: string;
  readonly model?: Model;
  /** Usage that only the wrapper tells. */
  readonly alone?: TokenUsage | undefined;
}

/** Half of all wrappers add up what the calls below them told. */
function endWrapper(
  draft: TraceDraft,
  { parent, frame, startUs, ending, operation, name, model, alone }: Wrapper,
): void {
  const { random } = draft;
  const agentName = name ?? random.pick(agents);
  const repeated = frame.told.length > 0 && random.chance(0.5) ? addedUp(frame.told) : undefined;
  const usage = repeated ?? alone;
  parent?.told.push(...frame.told, ...(alone ? [alone] : []));
  draft.add({
    spanId: frame.spanId!,
    parentSpanId: parent?.spanId,
    scope: frameworkScope,
    name: `${operation} ${agentName}`,
    role: "wrapper",
    operation,
    startUs,
    endUs: draft.pass(1, 60),
    ending: ending.error ? ending : endings.done,
    agentName,
    model,
    usage,
    repeats: repeated !== undefined,
    texts: {
      input: inputMessages(random, random.int(200, 900)),
      ...(!ending.error && { output: outputMessages(random, endings.answered, random.int(150, 900), []) }),
    },
  });
}

function addedUp(usages: readonly TokenUsage[]): TokenUsage {
  return usages.reduce((sum, usage) => ({
    input: sum.input + usage.input,
    cacheRead: sum.cacheRead + usage.cacheRead,
    cacheWrite: sum.cacheWrite + usage.cacheWrite,
    output: sum.output + usage.output,
    reasoning: sum.reasoning + usage.reasoning,
  }));
}
