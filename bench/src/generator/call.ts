import { type Ending, endings } from "./endings.ts";
import { inputMessages, outputMessages } from "./messages.ts";
import { embeddingModel, generativeModels, type Model } from "./models.ts";
import type { PlannedSpan } from "./planned-span.ts";
import type { TokenUsage } from "./price-table.ts";
import type { Random, Weighted } from "./random.ts";
import { clientScope, frameworkScope, prompts } from "./services.ts";
import type { TraceDraft } from "./trace-draft.ts";

/** A span that calls hang below, and the usage that they tell: what a wrapper that adds it up would repeat. */
export interface Frame {
  readonly spanId: string | undefined;
  readonly told: TokenUsage[];
}

export interface CallOptions {
  readonly model?: Model;
  /** Tools that the answer asks for. */
  readonly calledTools?: readonly string[];
  /** False: the instrumentation does not tell usage. */
  readonly tellsUsage?: boolean;
}

const finalEndings: readonly (Weighted & { readonly ending: Ending })[] = [
  { weight: 930, ending: endings.answered },
  { weight: 20, ending: endings.truncated },
  { weight: 8, ending: endings.refused },
  { weight: 8, ending: endings.filtered },
  { weight: 6, ending: endings.suspected },
  { weight: 10, ending: endings.aborted },
  { weight: 4, ending: endings.forbidden },
  { weight: 6, ending: endings.serverError },
];

const passingErrors = [
  endings.rateLimited,
  endings.rateLimited,
  endings.serverError,
  endings.timedOut,
  endings.disconnected,
];

/**
 * How a call is seen. `client`: by the provider's client alone. `framework`: by a framework above it too, whose counts
 * differ. `frameworkWithoutId`: and which knows no response id. `twins`, `neighbours`: by two instrumentations that tell
 * the very same, one above the other or side by side.
 */
const sights = [
  { weight: 74, sight: "client" },
  { weight: 8, sight: "framework" },
  { weight: 6, sight: "frameworkWithoutId" },
  { weight: 6, sight: "twins" },
  { weight: 6, sight: "neighbours" },
] as const;

/**
 * One call to a generative model as a program makes it: tried again after an error, seen by one or two
 * instrumentations. Exactly one span of it counts.
 */
export function planCall(draft: TraceDraft, frame: Frame, options: CallOptions = {}): Ending {
  const { random } = draft;
  const model = options.model ?? random.weighted(generativeModels);
  const calledTools = options.calledTools ?? [];
  const ending = calledTools.length > 0 ? endings.calledTools : random.weighted(finalEndings).ending;
  const usage = toldUsage(random, model, ending, options.tellsUsage ?? true);
  const sight = usage ? random.weighted(sights).sight : "client";

  const outerId = sight === "client" || sight === "neighbours" ? undefined : draft.newSpanId();
  const startUs = draft.pass(1, 30);
  const parentSpanId = outerId ?? frame.spanId;
  let attempt = 1;
  while (attempt < 4 && random.chance(0.04)) {
    planTry(draft, { parentSpanId, model, attempt, ending: random.pick(passingErrors) });
    attempt += 1;
    draft.pass(200, 4_000);
  }

  const responseId = random.chance(0.9) || sight !== "client" ? newResponseId(random, model) : undefined;
  const call = planTry(draft, {
    parentSpanId,
    model,
    attempt,
    ending,
    calledTools,
    usage,
    responseId,
  });
  if (usage) {
    frame.told.push(usage);
    if (sight !== "client") repeatCall(draft, call, { sight, outerId, startUs, frame });
    else if (random.chance(0.01)) supersede(draft, call);
  }
  return ending;
}

/** An embedding of texts: input only, and one span. */
export function planEmbedding(draft: TraceDraft, parentSpanId: string | undefined): void {
  const { random } = draft;
  const startUs = draft.pass(1, 5);
  const usage: TokenUsage = { input: random.int(40, 6_000), cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 };
  draft.add({
    parentSpanId,
    scope: clientScope,
    name: `embeddings ${embeddingModel.requestModel}`,
    role: "call",
    operation: "embeddings",
    startUs,
    endUs: draft.pass(20, 300),
    ending: endings.done,
    model: embeddingModel,
    namesResponseModel: true,
    usage: random.chance(0.98) ? usage : undefined,
    texts: {},
  });
}

interface Try {
  readonly parentSpanId: string | undefined;
  readonly model: Model;
  readonly attempt: number;
  readonly ending: Ending;
  readonly calledTools?: readonly string[];
  readonly usage?: TokenUsage | undefined;
  readonly responseId?: string | undefined;
}

function planTry(draft: TraceDraft, { calledTools = [], ...tried }: Try): PlannedSpan {
  const { random } = draft;
  const { model, ending } = tried;
  const startUs = draft.pass(1, 20);
  const answered = ending.outcome !== "error";
  const endUs = answered ? draft.pass(300, 12_000) : draft.pass(30, 2_000);
  return draft.add({
    ...tried,
    scope: clientScope,
    name: `chat ${model.requestModel}`,
    role: "call",
    operation: "chat",
    startUs,
    endUs,
    namesResponseModel: answered,
    prompt: random.chance(0.2) ? random.pick(prompts) : undefined,
    texts: {
      input: inputMessages(random, random.int(900, 4_200)),
      ...(answered && { output: outputMessages(random, ending, random.int(150, 1_400), calledTools) }),
    },
  });
}

interface Repetition {
  readonly sight: "framework" | "frameworkWithoutId" | "twins" | "neighbours";
  readonly outerId: string | undefined;
  readonly startUs: number;
  readonly frame: Frame;
}

/** The span of the second instrumentation, which knows nothing of users, features and tries. */
function repeatCall(draft: TraceDraft, call: PlannedSpan, { sight, outerId, startUs, frame }: Repetition): void {
  const other = draft.add({
    ...call,
    spanId: outerId ?? draft.newSpanId(),
    parentSpanId: frame.spanId,
    scope: frameworkScope,
    name: "ChatModel",
    startUs: outerId === undefined ? call.startUs : startUs,
    endUs: draft.pass(1, 40),
    attempt: 1,
    repeats: true,
    anonymous: true,
    responseId: sight === "frameworkWithoutId" ? undefined : call.responseId,
    // A framework counts the tokens of its own template as well.
    ...(sight === "framework" && { usage: { ...call.usage!, input: call.usage!.input + 7 } }),
  });
  // Of two that tell the very same, the lesser span id counts.
  if ((sight === "twins" || sight === "neighbours") && other.spanId < call.spanId) {
    draft.replace(other, { ...other, repeats: false });
    draft.replace(call, { ...call, repeats: true });
  }
}

/** The call's span was sent once before its stream was over, without usage, and minutes later as it ended. */
function supersede(draft: TraceDraft, call: PlannedSpan): void {
  const { output: _output, ...texts } = call.texts;
  const earlier = { ...call, usage: undefined, ending: endings.done, texts };
  draft.replace(call, { ...call, endUs: draft.pass(60_000, 180_000), earlier });
}

function toldUsage(random: Random, model: Model, ending: Ending, tells: boolean): TokenUsage | undefined {
  const told = ending.outcome !== "error" && tells && random.chance(ending === endings.aborted ? 0.5 : 0.97);
  return told ? madeUpUsage(random, model) : undefined;
}

export function madeUpUsage(random: Random, model: Model): TokenUsage {
  const input = random.int(200, 24_000);
  const caches = model.caching !== "none" && random.chance(0.4);
  const cacheRead = caches ? random.int(0, Math.floor(input * 0.7)) : 0;
  const cacheWrite = caches && model.caching === "read_and_write" ? random.int(0, Math.floor(input * 0.2)) : 0;
  const reasoning = model.reasons ? random.int(64, 4_096) : 0;
  return { input, cacheRead, cacheWrite, output: random.int(1, 1_800) + reasoning, reasoning };
}

function newResponseId(random: Random, model: Model): string {
  return `${model.provider === "anthropic" ? "msg_01" : "chatcmpl-"}${random.hex(12)}`;
}
