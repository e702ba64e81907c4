import { createRequire } from "node:module";
import type { EstimatedUsage, NormalisedSpan } from "@spanhouse/schemas/span";
import { bodyText } from "./body-texts.ts";

export interface EstimateUsage {
  /**
   * Tokens of a call whose usage is unknown, from its own texts; undefined where they are missing or it failed, as
   * then nobody can tell. Pure.
   */
  (span: EstimatedCall): EstimatedUsage | undefined;
  readonly fingerprint: string;
}

type EstimatedCall = Pick<NormalisedSpan, "role" | "family" | "open" | "content"> & { readonly outcome: string };

/** Of a longer text the beginning is counted, and the rest taken to be like it. */
const countedCharacters = 32_768;
/** A text is counted in pieces: a run of one letter costs the square of its length. */
const pieceCharacters = 2_048;

/** Synchronous, so that a span is derived in one go. */
const require = createRequire(import.meta.url);

type CountTokens = (text: string, options: { disallowedSpecial: ReadonlySet<string> }) => number;
const nothing: ReadonlySet<string> = new Set();

/**
 * Estimates by the tokenizer of OpenAI's current models (o200k_base of gpt-tokenizer), whoever's model it was: others
 * publish none. Its 2.5 MB table is loaded with the first call that needs it.
 */
export function createUsageEstimator(): EstimateUsage {
  let countTokens: CountTokens | undefined;

  function tokensOf(text: string): number {
    countTokens ??= require("gpt-tokenizer/encoding/o200k_base").countTokens as CountTokens;
    const counted = text.slice(0, countedCharacters);
    let tokens = 0;
    for (let at = 0; at < counted.length; at += pieceCharacters) {
      tokens += countTokens(counted.slice(at, at + pieceCharacters), { disallowedSpecial: nothing });
    }
    return counted.length === text.length ? tokens : Math.round((tokens * text.length) / counted.length);
  }

  function estimateUsage({ role, family, open, content, outcome }: EstimatedCall): EstimatedUsage | undefined {
    if (role !== "model" || open || outcome === "error") return undefined;
    const request = bodyText(content.request);
    if (request === "") return undefined;
    if (family !== "generate") return { inputTokens: tokensOf(request), outputTokens: 0 };
    const response = bodyText(content.response);
    if (response === "") return undefined;
    return { inputTokens: tokensOf(request), outputTokens: tokensOf(response) };
  }

  return Object.assign(estimateUsage, { fingerprint: "o200k_base@gpt-tokenizer-4" });
}
