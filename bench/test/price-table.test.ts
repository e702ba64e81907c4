import { calcPrice } from "@pydantic/genai-prices";
import { expect, it } from "vitest";
import { embeddingModel, generativeModels, type Model } from "../src/generator/models.ts";
import { cacheSavingsOf, costOf, tokenPrices } from "../src/generator/price-table.ts";

/** Published dollars a million tokens as micro-dollars; a model without a price for something charges it as input. */
function published({ provider }: Model, name: string) {
  const found = calcPrice({}, name, { providerId: provider });
  if (!found || Array.isArray(found.model.prices)) throw new Error(`${provider} ${name} has no one price`);
  const { input_mtok: input, output_mtok: output, cache_read_mtok: read, cache_write_mtok: write } = found.model.prices;
  const micro = (price: unknown) => Math.round(Number(price) * 1e6);
  return {
    input: micro(input),
    cacheRead: micro(read ?? input),
    cacheWrite: micro(write ?? input),
    output: micro(output ?? 0),
  };
}

const priced = [...generativeModels, embeddingModel].filter(({ price }) => price !== undefined);

it.each(priced)("$provider $responseModel costs what is published", (model) => {
  expect(published(model, model.responseModel)).toEqual(model.price);
  expect(published(model, model.requestModel)).toEqual(model.price);
});

it("knows no price of a model that nobody publishes one for", () => {
  const unknown = generativeModels.filter(({ price }) => price === undefined);
  expect(unknown).not.toEqual([]);
  for (const { requestModel, responseModel } of unknown) {
    expect(calcPrice({}, requestModel, {})).toBeNull();
    expect(calcPrice({}, responseModel, {})).toBeNull();
  }
});

it("charges plain, cached and written input apart", () => {
  const usage = { input: 1_000, cacheRead: 600, cacheWrite: 100, output: 50, reasoning: 0 };
  const sonnet = tokenPrices["claude-sonnet-4-0"];
  // 300 × $3 + 600 × $0.30 + 100 × $3.75 + 50 × $15 a million.
  expect(costOf(sonnet, usage)).toBe(2_205_000_000n);
  expect(cacheSavingsOf(sonnet, usage)).toBe(1_545_000_000n);
});
