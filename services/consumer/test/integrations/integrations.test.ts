import { exactPrice } from "@spanhouse/conformance/integrations/exact-price";
import { integrationsPage } from "@spanhouse/conformance/integrations/page";
import { instrumentations, recordedNames, recordingsOf } from "@spanhouse/conformance/integrations/recordings";
import { judge, type Verdict } from "@spanhouse/conformance/integrations/verdict";
import { describe, expect, it } from "vitest";
import { createDeriver } from "../../src/derive/derive-span.ts";
import { createUsageEstimator } from "../../src/derive/estimate-usage.ts";
import { createGenaiPrices } from "../../src/derive/price/genai-prices.ts";

import { storedSpans } from "./stored-spans.ts";

const deriveSpan = createDeriver({
  priceBook: await createGenaiPrices(),
  estimateUsage: createUsageEstimator(),
});
const page = new URL("../../../../docs/integrations.md", import.meta.url).pathname;

const judged = instrumentations().map((instrumentation) => {
  const recordings = recordingsOf(instrumentation);
  const verdicts = new Map(
    recordings.map((recording) => [
      recording.feature,
      judge(recording, storedSpans(recording, deriveSpan), exactPrice),
    ]),
  );
  return { instrumentation, versions: recordings[0]?.versions ?? {}, verdicts };
});

describe.each(judged.map((one) => [one.instrumentation.name, one] as const))(
  "%s",
  (_name, { instrumentation, verdicts }) => {
    it.each([...verdicts])(
      "%s counts every call once, at its exact price, or says what is missing",
      (feature, verdict) => {
        expect(verdict.wrong).toEqual([]);
        expect(
          found(verdict),
          `missing: ${JSON.stringify(Object.fromEntries(verdict.gaps))}; reasons stand in instrumentation.json`,
        ).toEqual(Object.keys(instrumentation.gaps[feature] ?? {}).sort());
      },
    );
  },
);

/** The names of the aspects; vitest shows what was found beside them when they are not those that are known. */
const found = ({ gaps }: Verdict): readonly string[] => [...gaps.keys()].sort();

it("has a recording for every feature that is claimed, and no other", () => {
  const claimed = instrumentations().flatMap(({ name, features }) => features.map((feature) => `${name}/${feature}`));
  expect([...recordedNames()].sort()).toEqual(claimed.sort());
});

it("is told on the page of integrations", async () => {
  await expect(integrationsPage(judged)).toMatchFileSnapshot(page);
});
