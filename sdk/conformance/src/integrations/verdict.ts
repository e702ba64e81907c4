import type { JudgedRecording, Recording, Told } from "./recordings.ts";

/** A span as it was stored, in as much as it is judged; each span of the recording's traces is one. */
export interface StoredSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly role: string;
  readonly family: string;
  readonly startTime: bigint;
  readonly endTime: bigint;
  /** Tells usage that another span counts. */
  readonly aggregate: boolean;
  readonly requestModel: string;
  readonly responseModel: string;
  readonly responseId: string;
  readonly toolName: string;
  readonly usageState: string;
  readonly usage: {
    readonly inputTokens: number;
    readonly cacheReadTokens: number;
    readonly cacheWriteTokens: number;
    readonly outputTokens: number;
    readonly reasoningTokens: number;
  };
  readonly priceState: string;
  /** Pico-dollars. */
  readonly cost: bigint;
  readonly outcome: string;
  readonly userId: string;
  readonly conversationId: string;
  readonly hasRequest: boolean;
  readonly hasResponse: boolean;
}

/**
 * What can be missing from a feature because it was not emitted:
 *
 * - `calls`: not one call for each call of the provider (a missing one, or a failed one told twice)
 * - `usage`: token counts are unknown, or not all kinds of them were told
 * - `price`: the call has no exact price
 * - `model`: not the model that answered (that was asked, where none answered)
 * - `outcome`: not how it ended
 * - `messages`: no request, or no response where there was one
 * - `tree`: of an agent, no wrapper span or no tool span
 * - `user`, `conversation`: not whom the program named, on no span of a trace
 */
export const aspects = [
  "calls",
  "usage",
  "price",
  "model",
  "outcome",
  "messages",
  "tree",
  "user",
  "conversation",
] as const;
export type Aspect = (typeof aspects)[number];

export interface Verdict {
  /** By aspect, what was found. */
  readonly gaps: ReadonlyMap<Aspect, string>;
  /** What must never be: usage counted that no call had, or an exact price that is not the price. */
  readonly wrong: readonly string[];
  /** Calls of the provider, and those that were found. */
  readonly calls: number;
  readonly found: number;
  /** Of those found, how many have an exact price. */
  readonly priced: number;
}

export type Truth = Recording["requests"][number];

/** What a call cost at a time, in pico-dollars; undefined where the prices do not tell. Not by the code that is judged. */
export type PriceOfTruth = (truth: Truth, at: Date) => bigint | undefined;

/** Whom all programs of `instrumentations/` name, if any. */
const named: Readonly<Record<Told, string>> = { user: "user-42", conversation: "conversation-7" };

/** What was stored of a recording against the simulator's ground truth, and against what its program `tells`. */
export function judge(
  { feature, requests, tells }: JudgedRecording,
  spans: readonly StoredSpan[],
  priceOf: PriceOfTruth,
): Verdict {
  const gaps = new Map<Aspect, string>();
  const wrong: string[] = [];
  const gap = (aspect: Aspect, found: string) => gaps.has(aspect) || gaps.set(aspect, found);
  const counted = spans
    .filter((span) => !span.aggregate && (span.role === "model" || (span.role === "wrapper" && spends(span))))
    .sort((a, b) => (a.startTime < b.startTime ? -1 : a.startTime > b.startTime ? 1 : a.spanId < b.spanId ? -1 : 1));
  const { pairs, surplus } = pairUp(requests, counted);

  for (const span of surplus) {
    if (spends(span))
      wrong.push(`span ${span.spanId} counts ${span.usage.inputTokens} + ${span.usage.outputTokens} tokens of no call`);
    else gap("calls", `${counted.length} calls of ${requests.length}`);
  }
  let priced = 0;
  for (const [truth, span] of pairs) {
    if (span === undefined) {
      gap("calls", `${pairs.filter(([, found]) => found).length} calls of ${requests.length}`);
      continue;
    }
    judgeUsage(truth, span, gap);
    if (span.priceState === "priced") {
      priced++;
      const cost = priceOf(truth, new Date(Number(span.endTime / 1_000_000n)));
      if (cost === undefined || cost !== span.cost)
        wrong.push(`span ${span.spanId} costs ${span.cost} p$, the call cost ${cost ?? "nothing"}`);
    } else if (truth.usage !== null) gap("price", span.priceState);
    const told = truth.responseModel ? span.responseModel || span.requestModel : span.requestModel;
    if (told !== (truth.responseModel || truth.requestModel)) gap("model", told || "none");
    const outcome = truth.outcome === "cut" ? "error" : truth.outcome;
    if (span.outcome !== outcome) gap("outcome", `${span.outcome} for ${outcome}`);
    const answered = span.family === "generate" && truth.usage !== null;
    const tellers = spans.filter(
      (other) => other.role === "model" && other.family === span.family && isOf(truth, other),
    );
    if (!tellers.some(({ hasRequest }) => hasRequest)) gap("messages", "no request");
    else if (answered && !tellers.some(({ hasResponse }) => hasResponse)) gap("messages", "no response");
  }
  if (feature === "agent") {
    if (!spans.some(({ role }) => role === "wrapper")) gap("tree", "no wrapper span");
    else if (!spans.some(({ role, toolName }) => role === "tool" && toolName !== "")) gap("tree", "no tool span");
  }
  for (const who of tells) {
    for (const traceId of new Set(spans.map((span) => span.traceId))) {
      const ids = spans.filter((span) => span.traceId === traceId).map((span) => idOf(who, span));
      const other = ids.find((id) => id !== "" && id !== named[who]);
      if (other !== undefined || !ids.includes(named[who])) gap(who, other ?? "none");
    }
  }
  return { gaps, wrong, calls: requests.length, found: pairs.filter(([, span]) => span).length, priced };
}

const idOf = (who: Told, span: StoredSpan): string => (who === "user" ? span.userId : span.conversationId);

const spends = ({ usageState }: StoredSpan): boolean => usageState === "exact" || usageState === "estimated";

/** Calls with the span that tells of them: by response id, the others in their order among spans of the same family. */
function pairUp(requests: readonly Truth[], spans: readonly StoredSpan[]) {
  const free = new Set(spans);
  const take = (fits: (span: StoredSpan) => boolean): StoredSpan | undefined => {
    const span = [...free].find(fits);
    if (span) free.delete(span);
    return span;
  };
  const byId = requests.map(({ responseId }) =>
    responseId === "" ? undefined : take((span) => span.responseId === responseId),
  );
  const pairs = requests.map((truth, n): readonly [Truth, StoredSpan | undefined] => {
    const family = truth.api.endsWith("embeddings") ? "embed" : "generate";
    return [
      truth,
      byId[n] ?? take((span) => span.family === family && (span.responseId === "" || truth.responseId === "")),
    ];
  });
  return { pairs, surplus: [...free] };
}

/** Whether a span may tell of the call: it names another response otherwise. */
const isOf = ({ responseId }: Truth, span: StoredSpan): boolean => ["", responseId].includes(span.responseId);

function judgeUsage({ usage }: Truth, span: StoredSpan, gap: (aspect: Aspect, found: string) => unknown): void {
  if (usage === null) return;
  if (span.usageState !== "exact") {
    gap("usage", span.usageState);
    return;
  }
  for (const kind of [
    "inputTokens",
    "cacheReadTokens",
    "cacheWriteTokens",
    "outputTokens",
    "reasoningTokens",
  ] as const) {
    if (span.usage[kind] !== usage[kind]) gap("usage", `${span.usage[kind]} ${kind} of ${usage[kind]}`);
  }
}
