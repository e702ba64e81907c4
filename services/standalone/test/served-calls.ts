import type { RecordedRequest } from "@spanhouse/conformance/recording";
import type { SimulatedUsage } from "@spanhouse/conformance/tokens";
import type { SpanDetail, TreeNode } from "@spanhouse/schemas/api/spans";
import { expect } from "vitest";
import { picoDollars, sumOfMoney } from "./money.ts";
import type { QueryClient } from "./query-client.ts";

/** What a call used, and what that costs, as both the provider and the store tell it. */
interface Call {
  readonly requestModel: string;
  readonly responseModel: string;
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly cost: bigint;
}

/** Pico-dollars a token, from the providers' price pages. */
const prices: Readonly<
  Record<string, { input: bigint; output: bigint; read: bigint; write: bigint; write1h: bigint }>
> = {
  "gpt-4.1-mini": { input: 400_000n, output: 1_600_000n, read: 100_000n, write: 0n, write1h: 0n },
  "text-embedding-3-small": { input: 20_000n, output: 0n, read: 0n, write: 0n, write1h: 0n },
  "claude-sonnet-4-6": {
    input: 3_000_000n,
    output: 15_000_000n,
    read: 300_000n,
    write: 3_750_000n,
    write1h: 6_000_000n,
  },
};

/**
 * Holds a stored trace against what the provider served while it was made: every call whose usage the instrumentation
 * tells is counted once, with the provider's model and tokens, at the price of the test's own table; what it does not
 * tell for sure is an estimate, in no exact sum; the trace's sums are those of its counted calls.
 */
export async function expectServedCalls(
  query: QueryClient,
  traceId: string,
  served: readonly RecordedRequest[],
): Promise<void> {
  const { trace, spans } = await query.trace(traceId);
  const models = spans.filter(({ role }) => role === "model");
  const details = await Promise.all(models.map(({ span_id }) => query.span(traceId, span_id)));
  const counted = details.filter((span) => !span.aggregate && !span.void);
  const answered = served.filter(({ outcome }) => outcome === "ok" || outcome === "refused");
  // OpenLLMetry may have counted the tokens of a chat itself, and does not say so; of a stream it tells none.
  const known = answered.filter(({ api }) => api !== "openai.chat");
  const guessed = answered.filter(({ api }) => api === "openai.chat");

  expect(sorted(counted.filter(({ usage_state }) => usage_state === "exact").map(storedCall))).toEqual(
    sorted(known.map(servedCall)),
  );
  for (const { responseId, outcome, api } of answered.filter((request) => request.responseId !== "")) {
    const tellers = details.filter(({ response_id }) => response_id === responseId);
    // Anthropic's calls are told twice, by its client and by OpenInference.
    expect(tellers.map(({ aggregate }) => aggregate).sort()).toEqual(
      api === "anthropic.messages" ? [false, true] : [false],
    );
    // Whichever of them is counted, it is the same call.
    expect(tellers.map((span) => span.outcome)).toEqual(tellers.map(() => outcome));
    expect(tellers.map(storedCall)).toEqual(tellers.map(() => storedCall(tellers[0]!)));
  }
  for (const { responseId, stream, usage } of guessed) {
    const span = details.find(({ response_id }) => response_id === responseId);
    expect(span).toMatchObject({ usage_state: "estimated", price_state: "estimated", input_tokens: 0 });
    expect(picoDollars(span!.cost)).toBe(0n);
    expect(picoDollars(span!.estimated_cost)).toBeGreaterThan(0n);
    if (stream) continue;
    expect(span!.estimated_usage).toMatchObject({
      input_tokens: usage!.inputTokens,
      output_tokens: usage!.outputTokens,
    });
  }

  expect(picoDollars(trace.cost)).toBe(sumOfMoney(counted.map(({ cost }) => cost)));
  expect(trace).toMatchObject({
    priced_calls: known.length,
    unpriced_calls: 0,
    input_tokens: total(known, ({ inputTokens }) => inputTokens),
    cache_read_tokens: total(known, ({ cacheReadTokens }) => cacheReadTokens),
    cache_write_tokens: total(known, ({ cacheWriteTokens }) => cacheWriteTokens),
    output_tokens: total(known, ({ outputTokens }) => outputTokens),
    reasoning_tokens: total(known, ({ reasoningTokens }) => reasoningTokens),
    // Each of Anthropic's calls, failed ones too, is told a second time.
    aggregates: served.filter(({ api, attempt }) => api === "anthropic.messages" && attempt === 0).length,
  });
}

function storedCall(span: SpanDetail): Call {
  return {
    requestModel: span.request_model,
    responseModel: span.response_model,
    inputTokens: span.input_tokens,
    cacheReadTokens: span.cache_read_tokens,
    cacheWriteTokens: span.cache_write_tokens,
    outputTokens: span.output_tokens,
    reasoningTokens: span.reasoning_tokens,
    cost: picoDollars(span.cost),
  };
}

function servedCall({ requestModel, responseModel, usage }: RecordedRequest): Call {
  const { cacheWrite1hTokens, ...tokens } = usage!;
  return { requestModel, responseModel, ...tokens, cost: priceOf(requestModel, usage!) };
}

function priceOf(model: string, usage: SimulatedUsage): bigint {
  const { inputTokens, cacheReadTokens, cacheWriteTokens, cacheWrite1hTokens, outputTokens } = usage;
  const price = prices[model]!;
  return (
    BigInt(inputTokens - cacheReadTokens - cacheWriteTokens) * price.input +
    BigInt(cacheReadTokens) * price.read +
    BigInt(cacheWriteTokens - cacheWrite1hTokens) * price.write +
    BigInt(cacheWrite1hTokens) * price.write1h +
    BigInt(outputTokens) * price.output
  );
}

function total(requests: readonly RecordedRequest[], of: (usage: SimulatedUsage) => number): number {
  return requests.reduce((sum, { usage }) => sum + (usage ? of(usage) : 0), 0);
}

function sorted(calls: readonly Call[]): Call[] {
  const text = (call: Call) => JSON.stringify(call, (_, value) => (typeof value === "bigint" ? `${value}` : value));
  return calls.toSorted((a, b) => (text(a) < text(b) ? -1 : 1));
}

/** The trace as indented names, siblings by name: the demonstration's tools run at once. */
export function outline(spans: readonly TreeNode[]): string[] {
  const below = (parent: string | null, depth: number): string[] =>
    spans
      .filter(({ parent_span_id }) => parent_span_id === parent)
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap(({ span_id, name }) => [`${"  ".repeat(depth)}${name}`, ...below(span_id, depth + 1)]);
  return below(null, 0);
}

/** The outline of a conversation that is answered. */
export const answeredOutline = [
  "invoke_agent support-agent",
  "  chat gpt-4.1-mini",
  "  chat gpt-4.1-mini",
  "  execute_tool lookup_order",
  "  execute_tool search_articles",
  "    retrieval help-articles",
  "      embeddings text-embedding-3-small",
  "  invoke_agent reviewer",
  "    Anthropic Messages",
  "      anthropic.messages.create",
] as const;
