import { type TokenPrice, tokenPrices } from "./price-table.ts";
import type { Weighted } from "./random.ts";

export interface Model {
  readonly provider: string;
  readonly requestModel: string;
  readonly responseModel: string;
  /** Undefined: no published price is known, and none must be made up. */
  readonly price: TokenPrice | undefined;
  readonly caching: "none" | "read" | "read_and_write";
  readonly reasons: boolean;
}

const openai = (requestModel: keyof typeof tokenPrices, responseModel: string, more: Partial<Model> = {}): Model => ({
  provider: "openai",
  requestModel,
  responseModel,
  price: tokenPrices[requestModel],
  caching: "read",
  reasons: false,
  ...more,
});

const anthropic = (requestModel: keyof typeof tokenPrices, responseModel: string): Model => ({
  provider: "anthropic",
  requestModel,
  responseModel,
  price: tokenPrices[requestModel],
  caching: "read_and_write",
  reasons: false,
});

export const generativeModels: readonly (Model & Weighted)[] = [
  { weight: 24, ...openai("gpt-4o", "gpt-4o-2024-08-06") },
  { weight: 22, ...openai("gpt-4o-mini", "gpt-4o-mini-2024-07-18") },
  { weight: 10, ...openai("gpt-4.1", "gpt-4.1-2025-04-14") },
  { weight: 8, ...openai("gpt-5-mini", "gpt-5-mini-2025-08-07", { reasons: true }) },
  { weight: 5, ...openai("o3-mini", "o3-mini-2025-01-31", { reasons: true }) },
  { weight: 16, ...anthropic("claude-sonnet-4-0", "claude-sonnet-4-20250514") },
  { weight: 10, ...anthropic("claude-haiku-4-5", "claude-haiku-4-5-20251001") },
  { weight: 2, ...anthropic("claude-opus-4-1", "claude-opus-4-1-20250805") },
  {
    weight: 3,
    provider: "acme.internal",
    requestModel: "acme-house-writer",
    responseModel: "acme-house-writer-r12",
    price: undefined,
    caching: "none",
    reasons: false,
  },
];

export const embeddingModel: Model = openai("text-embedding-3-small", "text-embedding-3-small", { caching: "none" });
