import type { PlannedTrace } from "../generator/plan-trace.ts";
import type { PlannedSpan } from "../generator/planned-span.ts";
import { cacheSavingsOf, costOf } from "../generator/price-table.ts";
import type { Ledger, StoredTally } from "./ledger.ts";
import { type TallyName, tallies, tallyNames, timesOf, traceColumns } from "./measures.ts";
import { Tally } from "./tally.ts";

/** What one span comes to; zero where it counts nothing. */
interface Worth {
  /** It is added up: a call, or a wrapper that alone tells what the calls below it used. */
  readonly spends: boolean;
  readonly measures: Readonly<Record<string, bigint>>;
  readonly priceState: "none" | "priced" | "unknown_usage" | "unknown_model";
}

const dayMs = 86_400_000;

/**
 * Adds up traces as they are planned. It knows which call counts because the trace was made so, and what it costs from a
 * price table of its own: nothing here is shared with what it will judge.
 */
export class LedgerBook {
  readonly #tallies: Readonly<Record<TallyName, Tally>>;
  readonly #traces: string[][] = [];
  readonly #projects: readonly string[];
  #firstUs = Number.POSITIVE_INFINITY;
  #lastUs = 0;

  constructor(projects: readonly string[]) {
    this.#projects = projects;
    const entries = tallyNames.map((name) => [name, new Tally(tallies[name])] as const);
    this.#tallies = Object.fromEntries(entries) as Record<TallyName, Tally>;
  }

  add({ project, traceId, spans }: PlannedTrace): void {
    const worths = spans.map(worthOf);
    spans.forEach((span, i) => {
      this.#addRow(project, span, worths[i]!);
      const { earlier } = span;
      // Within one minute the later message takes the row of the earlier one.
      if (earlier && timesOf(earlier.endUs).minute !== timesOf(span.endUs).minute) this.#addVoid(project, earlier);
    });
    this.#traces.push([project, traceId, ...traceLineOf(spans, worths)]);
  }

  #addRow(project: string, span: PlannedSpan, worth: Worth): void {
    const facts = factsOf(span, worth);
    const { spends, measures } = worth;
    this.#addTexts(project, span);
    this.#tallies.spans.add(project, facts, { rows: 1n, aggregates: span.repeats ? 1n : 0n });
    if (spends) {
      this.#tallies.spend.add(project, facts, measures);
      if (span.userId !== undefined || span.conversationId !== undefined) {
        this.#tallies.usage.add(project, facts, measures);
      }
      if (span.role === "call") this.#tallies.latency.add(project, facts, measures);
    }
    if (span.role === "tool") this.#tallies.tools.add(project, facts, { ...measures, calls: 1n });
  }

  #addVoid(project: string, span: PlannedSpan): void {
    this.#addTexts(project, span);
    this.#tallies.spans.add(project, { ...timesOf(span.endUs), role: roleOf(span) }, { rows: 1n, void: 1n });
  }

  #addTexts(project: string, { texts, endUs }: PlannedSpan): void {
    this.#firstUs = Math.min(this.#firstUs, endUs);
    this.#lastUs = Math.max(this.#lastUs, endUs);
    this.#tallies.payloads.add(project, timesOf(endUs), {
      rows: 1n,
      request: bytesOf(texts.input),
      response: bytesOf(texts.output),
      tool_arguments: bytesOf(texts.arguments),
      tool_result: bytesOf(texts.result),
      documents: bytesOf(texts.documents),
    });
  }

  ledger(): Ledger {
    const tallies = Object.fromEntries(
      tallyNames.map((name) => [name, this.#tallies[name].stored()] as const),
    ) as Record<TallyName, StoredTally>;
    return {
      projects: this.#projects,
      from: (Math.floor(this.#firstUs / 1000 / dayMs) * dayMs) / 1000,
      to: (Math.floor(this.#lastUs / 1000 / dayMs + 1) * dayMs) / 1000,
      tallies,
      traces: this.#traces,
    };
  }
}

function worthOf(span: PlannedSpan): Worth {
  const { usage, model, ending } = span;
  const spends = !span.repeats && (span.role === "call" || usage !== undefined);
  const price = usage && model?.price;
  const cost = price ? costOf(price, usage) : 0n;
  const wasted = ["error", "aborted", "truncated"].includes(ending.outcome);
  return {
    spends,
    priceState: price ? "priced" : usage ? "unknown_model" : span.role === "call" ? "unknown_usage" : "none",
    measures: {
      calls: span.role === "call" ? 1n : 0n,
      input_tokens: BigInt(usage?.input ?? 0),
      cache_read_tokens: BigInt(usage?.cacheRead ?? 0),
      cache_write_tokens: BigInt(usage?.cacheWrite ?? 0),
      output_tokens: BigInt(usage?.output ?? 0),
      reasoning_tokens: BigInt(usage?.reasoning ?? 0),
      cost,
      cache_savings: price ? cacheSavingsOf(price, usage) : 0n,
      wasted_cost: wasted ? cost : 0n,
      duration_us: BigInt(span.endUs - span.startUs),
    },
  };
}

function factsOf(span: PlannedSpan, worth: Worth): Readonly<Record<string, string>> {
  const { service, model, ending, prompt } = span;
  return {
    ...timesOf(span.endUs),
    role: roleOf(span),
    environment: service.environment,
    service: service.name,
    release: service.release,
    region: service.region,
    team: service.team,
    cost_centre: service.costCentre,
    feature: span.feature ?? "",
    prompt: prompt ? `${prompt.name}@${prompt.version}` : "",
    provider: model?.provider ?? "",
    request_model: model?.requestModel ?? "",
    response_model: span.namesResponseModel && model ? model.responseModel : "",
    operation: span.operation,
    outcome: ending.outcome,
    refusal: ending.refusal,
    error_class: ending.errorClass,
    is_retry: span.attempt > 1 ? "true" : "false",
    price_state: worth.priceState,
    user_id: span.userId ?? "",
    conversation_id: span.conversationId ?? "",
    tool_name: span.tool?.name ?? "",
  };
}

function traceLineOf(spans: readonly PlannedSpan[], worths: readonly Worth[]): string[] {
  const spending = spans.map((span, i) => ({ ...span, ...worths[i]! })).filter(({ spends }) => spends);
  const calls = spending.filter(({ role }) => role === "call");
  const sum = (measure: string) => spending.reduce((total, { measures }) => total + (measures[measure] ?? 0n), 0n);
  const messages = spans.flatMap((span) => (span.earlier ? [span, span.earlier] : [span]));
  const rows = new Set(messages.map((span) => `${span.spanId} ${timesOf(span.endUs).minute}`)).size;
  const known: Readonly<Record<string, string | number | bigint>> = {
    bucket: timesOf(Math.max(...messages.map(({ endUs }) => endUs))).minute,
    start_us: Math.min(...spans.map(({ startUs }) => startUs)),
    end_us: Math.max(...spans.map(({ endUs }) => endUs)),
    spans: spans.length,
    void_spans: rows - spans.length,
    aggregates: spans.filter(({ repeats }) => repeats).length,
    calls: calls.length,
    tool_calls: spans.filter(({ role }) => role === "tool").length,
    errors: spans.filter(({ ending }) => ending.outcome === "error").length,
    refusals: calls.filter(({ ending }) => ending.refusal !== "none").length,
    retries: calls.filter(({ attempt }) => attempt > 1).length,
    priced_calls: calls.filter(({ priceState }) => priceState === "priced").length,
    unpriced_calls: calls.filter(({ priceState }) => priceState === "unknown_model").length,
    unknown_usage_calls: calls.filter(({ priceState }) => priceState === "unknown_usage").length,
    user_id: spans.find(({ userId }) => userId !== undefined)?.userId ?? "",
    conversation_id: spans.find(({ conversationId }) => conversationId !== undefined)?.conversationId ?? "",
  };
  return traceColumns.map((column) => String(known[column] ?? sum(column)));
}

function roleOf({ role }: PlannedSpan): string {
  return role === "call" ? "model" : role;
}

function bytesOf(text: string | undefined): bigint {
  return text === undefined ? 0n : BigInt(Buffer.byteLength(text));
}
