import { createDeriver } from "@spanhouse/consumer/derive/derive-span";
import { createGenaiPrices } from "@spanhouse/consumer/derive/price/genai-prices";
import { type Baselines, baselineKey } from "@spanhouse/query/diagnosis/baselines";
import { diagnose } from "@spanhouse/query/diagnosis/diagnose";
import { spanDetail } from "@spanhouse/query/diagnosis/span-detail";
import { type DiagnosisCheck, diagnosisChecks, type Finding } from "@spanhouse/schemas/api/diagnosis";
import type { SpanDetail } from "@spanhouse/schemas/api/spans";
import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import type { Span } from "@spanhouse/schemas/otlp/model";
import { recordTrace } from "../diagnosis/programs.ts";
import { type Texts, textSets } from "../diagnosis/texts.ts";
import { createRandom } from "../generator/random.ts";
import type { Figure } from "../measure/report.ts";
import type { Benchmark } from "./benchmark.ts";

const leastRecall = 0.9;
const mostFalseAlarms = 0.02;
/** A hundred calls of each model, and some more. */
const earlierTraces = 100;

/** The checks were tuned on the first alone; the figures are claimed by the second, of other seeds and other words. */
const sets = [
  { name: "tune", texts: textSets.tune, seed: 11, isClaim: false },
  { name: "figures", texts: textSets.figures, seed: 9029, isClaim: true },
] as const;

/**
 * Traces of programs with one injected fault each, and of the same programs without. Each span goes the way of its bytes:
 * encoded, decoded, derived and priced as the consumer does it.
 */
export const diagnosis: Benchmark = {
  name: "diagnosis",
  summary: "recall of each check on injected faults, and how many clean traces it finds something in",
  options: { clean: 500, faulty: 60 },

  async run({ clean = 500, faulty = 60 }, tell) {
    const derive = createDeriver({ priceBook: await createGenaiPrices() });
    const detailsOf = (spans: readonly Span[]) => {
      const decoded = decodeTraces(encodeTraces({ resourceSpans: [{ scopeSpans: [{ spans }] }] }));
      if (decoded.kind === "failed") throw new Error(decoded.message);
      return decoded.traces.spans.map((span) => spanDetail(derive(span, "bench")));
    };

    const figures: Figure[] = [];
    for (const { name, texts, seed, isClaim } of sets) {
      // The week before: traces of other seeds.
      const earlier = Array.from({ length: earlierTraces }, (_, i) => createRandom(seed * 10_000 + 5_000_000 + i, 0));
      const baselines = baselinesOf(earlier.flatMap((random) => detailsOf(recordTrace(random, texts))));
      const record = (given: Texts, from: number, fault?: DiagnosisCheck): readonly Finding[] => {
        const random = createRandom(from, fault ? diagnosisChecks.indexOf(fault) + 1 : 0);
        return diagnose(detailsOf(recordTrace(random, given, fault)), { whole: true, baselines });
      };
      const seeds = (count: number) => Array.from({ length: count }, (_, i) => seed * 10_000 + i);
      const found = seeds(clean).map((one) => record(texts, one));
      for (const one of found.flat()) if (!isClaim) tell(`clean: ${one.check}: ${one.says} ${one.evidence.text}`);
      const alarms = (of: readonly Finding[]) => of.length > 0;
      const share = (count: number, all: number) => count / Math.max(1, all);
      const figure = (label: string, value: number, target: number, ok: boolean): Figure => ({
        ...{ name: `${label}, ${name}`, value, unit: "share", target: isClaim ? target : null, ok: !isClaim || ok },
      });
      const any = share(found.filter(alarms).length, clean);
      figures.push(figure(`clean traces with a finding (${clean})`, any, mostFalseAlarms, any <= mostFalseAlarms));
      for (const check of diagnosisChecks) {
        const seen = seeds(faulty).map((one) => record(texts, one, check).map((finding) => finding.check));
        seen.forEach((checks, i) => {
          if (!isClaim && !checks.includes(check))
            tell(`missed: ${check}, seed ${i}: found ${checks.join(", ") || "nothing"}`);
        });
        const recall = share(seen.filter((checks) => checks.includes(check)).length, faulty);
        figures.push(figure(`recall of ${check} (${faulty})`, recall, leastRecall, recall >= leastRecall));
      }
      for (const check of diagnosisChecks) {
        const mistaken = share(found.filter((of) => of.some((one) => one.check === check)).length, clean);
        figures.push(figure(`clean traces with ${check}`, mistaken, mostFalseAlarms, mistaken <= mostFalseAlarms));
      }
    }
    return { figures, versions: {} };
  },
};

function baselinesOf(spans: readonly SpanDetail[]): Baselines {
  const durations = new Map<string, number[]>();
  for (const span of spans.filter(({ role, response_model }) => role === "model" && response_model !== "")) {
    const key = baselineKey(span);
    durations.set(key, [...(durations.get(key) ?? []), span.duration_us]);
  }
  return new Map(
    [...durations].map(([key, all]) => {
      const sorted = all.toSorted((a, b) => a - b);
      return [key, { calls: all.length, p99Us: sorted[Math.floor(sorted.length * 0.99)]! }];
    }),
  );
}
