import { calcPrice } from "@pydantic/genai-prices";
import type { Truth } from "./verdict.ts";

/**
 * What a call cost by the published prices in pico-dollars, computed by itself: prices as decimal text, rational
 * arithmetic, each kind of token rounded half to even. Undefined where the data has no such model, or where a price
 * depends on more than tokens at one rate.
 */
export function exactPrice({ api, responseModel, usage }: Truth, at: Date): bigint | undefined {
  if (usage === null) return undefined;
  const providerId = api.split(".")[0]!;
  const rates = calcPrice({}, responseModel, { providerId, timestamp: at })?.model_price as Rates | undefined;
  if (rates?.input_mtok === undefined) return undefined;
  const input = rates.input_mtok;
  const read = rates.cache_read_mtok ?? input;
  const write = rates.cache_write_mtok ?? input;
  const lasting = rates.cache_write_1h_mtok ?? write;
  const output = rates.output_mtok ?? 0;
  const charged: readonly (readonly [number, Rate])[] = [
    [usage.inputTokens - usage.cacheReadTokens - usage.cacheWriteTokens, input],
    [usage.cacheReadTokens, read],
    [usage.cacheWriteTokens - usage.cacheWrite1hTokens, write],
    [usage.cacheWrite1hTokens, lasting],
    [usage.outputTokens, output],
  ];
  let cost = 0n;
  for (const [tokens, rate] of charged) {
    if (tokens === 0) continue;
    if (typeof rate !== "number") return undefined;
    cost += tokenCost(BigInt(tokens), rate);
  }
  return cost;
}

type Rate = number | object;
interface Rates {
  readonly input_mtok?: Rate;
  readonly cache_read_mtok?: Rate;
  readonly cache_write_mtok?: Rate;
  readonly cache_write_1h_mtok?: Rate;
  readonly output_mtok?: Rate;
}

/** Tokens at dollars a million: a dollar a million is 10⁶ pico-dollars a token. */
function tokenCost(tokens: bigint, dollarsPerMillion: number): bigint {
  const [, whole = "", fraction = "", exponent = "0"] =
    /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(dollarsPerMillion)) ?? [];
  const places = fraction.length - Number(exponent);
  const scaled = tokens * 1_000_000n * BigInt(whole + fraction);
  const scale = 10n ** BigInt(Math.max(places, 0));
  const raised = scaled * 10n ** BigInt(Math.max(-places, 0));
  const quotient = raised / scale;
  const rest = (raised % scale) * 2n;
  return rest > scale || (rest === scale && quotient % 2n === 1n) ? quotient + 1n : quotient;
}
