import { SpanhouseError } from "@spanhouse/schemas/errors";
import { z } from "zod";
import type { SuggestionModelConfig } from "./suggestion-model.ts";

/** Of every process that serves the query API. */
export const suggestionVariables = {
  SPANHOUSE_SUGGEST_URL: z.url({ protocol: /^https?$/, error: "expected an http or https address" }).optional(),
  SPANHOUSE_SUGGEST_KEY: z.string().default(""),
  SPANHOUSE_SUGGEST_MODEL: z.string().optional(),
};

/** Undefined: no suggestions. Throws CONFIG where only one of address and model is given. */
export function suggestionModel({
  SPANHOUSE_SUGGEST_URL: url,
  SPANHOUSE_SUGGEST_KEY: apiKey,
  SPANHOUSE_SUGGEST_MODEL: model,
}: {
  readonly SPANHOUSE_SUGGEST_URL?: string | undefined;
  readonly SPANHOUSE_SUGGEST_KEY: string;
  readonly SPANHOUSE_SUGGEST_MODEL?: string | undefined;
}): SuggestionModelConfig | undefined {
  if (url === undefined && model === undefined) return undefined;
  if (url !== undefined && model !== undefined) return { url: url.replace(/\/+$/, ""), apiKey, model };
  const missing = url === undefined ? "SPANHOUSE_SUGGEST_URL" : "SPANHOUSE_SUGGEST_MODEL";
  throw new SpanhouseError("CONFIG", `${missing}: expected beside its counterpart; suggestions need both`);
}
