import { canonicalJson } from "./canonical-json.ts";
import { questionKey, type RecordedSpan, type Recording, type SpanKind } from "./recording.ts";

/** What a running program asks of the world, and where in its tree. */
export interface Question {
  readonly what: SpanKind & ("model" | "tool" | "retrieval");
  /** The name of the tool or retriever; empty for a model. */
  readonly of: string;
  readonly asked: string;
  /** Ids of the spans from the root to the one that asks, and each one's `label#n`. */
  readonly ids: readonly string[];
  readonly labels: readonly string[];
}

/**
 * `recorded`: the same was asked in the recording. `differs`: it was not; `more-often`: it was, fewer times. `nearest` is
 * what an answer may be taken from all the same: the span at the same place, else the one that asked most alike.
 */
export type Match =
  | { readonly kind: "recorded"; readonly span: RecordedSpan }
  | { readonly kind: "differs" | "more-often"; readonly nearest: RecordedSpan | undefined };

/**
 * Finds for each question the recorded span that answers it: by equality first, of equals the one at the same place in
 * the tree. An unchanged program gets the same matches in whichever order its concurrent parts ask: a place that is
 * known settles it alone, and a span that was matched for sure leads to those around it.
 */
export class Matcher {
  private readonly recording: Recording;
  /** Which recorded span a running one stands for. */
  private readonly bound = new Map<string, RecordedSpan>();
  private readonly used = new Set<RecordedSpan>();
  private readonly words = new Map<RecordedSpan, ReadonlySet<string>>();
  private readonly byOrdinal: ReadonlyMap<number, RecordedSpan>;

  constructor(recording: Recording) {
    this.recording = recording;
    this.byOrdinal = new Map(recording.spans.map((span) => [span.span, span]));
  }

  match(question: Question): Match {
    const { what, of, ids } = question;
    const before = this.bound.get(ids.at(-1)!);
    // The client sends the same call again.
    if (before !== undefined) return { kind: "recorded", span: before };
    const equals = this.recording.byQuestion.get(questionKey(what, of, canonicalJson(question.asked))) ?? [];
    const span = this.ofEquals(equals, question);
    if (span === undefined)
      return { kind: equals.length > 0 ? "more-often" : "differs", nearest: this.nearest(question) };
    this.used.add(span);
    this.bind(ids, span, equals.length === 1);
    return { kind: "recorded", span };
  }

  /** The recorded span that a running one stands for: known by what was asked below it, else by its place. */
  counterpartOf(ids: readonly string[], labels: readonly string[]): RecordedSpan | undefined {
    return this.bound.get(ids.at(-1) ?? "") ?? this.recording.byPath.get(pathOf(labels));
  }

  private ofEquals(equals: readonly RecordedSpan[], { ids, labels }: Question): RecordedSpan | undefined {
    const free = equals.filter((span) => !this.used.has(span));
    if (free.length < 2) return free[0];
    const path = pathOf(labels);
    const parent = this.bound.get(ids.at(-2) ?? "");
    const below = parent === undefined ? free : free.filter((span) => span.parent === parent.span);
    const candidates = below.length > 0 ? below : free;
    const last = labels.at(-1);
    return (
      candidates.find((span) => span.path === path) ??
      candidates.find((span) => span.path.endsWith(`/${last}`)) ??
      candidates.find((span) => unnumbered(span.path) === unnumbered(path)) ??
      candidates[0]
    );
  }

  /** Only what nothing else asked for says for sure which of several like steps this is. */
  private bind(ids: readonly string[], span: RecordedSpan, isSure: boolean): void {
    this.bound.set(ids.at(-1)!, span);
    if (!isSure) return;
    let above = span.parent;
    for (let i = ids.length - 2; i >= 0 && above !== null; i--) {
      const recorded = this.byOrdinal.get(above);
      if (recorded === undefined || this.bound.has(ids[i]!)) return;
      this.bound.set(ids[i]!, recorded);
      above = recorded.parent;
    }
  }

  /** Of the recording and the question alone, never of what was asked before: the order of concurrent questions is open. */
  private nearest({ what, of, asked, labels }: Question): RecordedSpan | undefined {
    const same = this.recording.spans.filter(
      (span) => span.what === what && span.of === of && span.asked !== undefined,
    );
    const path = pathOf(labels);
    const there = same.find((span) => span.path === path);
    if (there !== undefined) return there;
    const said = wordsOf(canonicalJson(asked));
    let best: RecordedSpan | undefined;
    let most = -1;
    for (const span of same) {
      const words = this.words.get(span) ?? wordsOf(span.asked!);
      this.words.set(span, words);
      const likeness = likenessOf(said, words);
      if (likeness > most) [best, most] = [span, likeness];
    }
    return best;
  }
}

function pathOf(labels: readonly string[]): string {
  return labels.map((label) => `/${label}`).join("");
}

function unnumbered(path: string): string {
  return path.replace(/#\d+(?=\/|$)/g, "");
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.match(/[\p{L}\p{N}_]+/gu));
}

/** The share of the words of both that both have. */
function likenessOf(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let shared = 0;
  for (const word of a) if (b.has(word)) shared++;
  return shared / Math.max(1, a.size + b.size - shared);
}
