/** Dated names that providers answer with when an alias was asked for; every other model answers under its own name. */
const dated: Readonly<Record<string, string>> = {
  "gpt-4o": "gpt-4o-2024-08-06",
  "gpt-4o-mini": "gpt-4o-mini-2024-07-18",
  "gpt-4.1": "gpt-4.1-2025-04-14",
  "gpt-4.1-mini": "gpt-4.1-mini-2025-04-14",
  "o3-mini": "o3-mini-2025-01-31",
  "claude-sonnet-4-0": "claude-sonnet-4-20250514",
  "claude-3-5-haiku-latest": "claude-3-5-haiku-20241022",
};

export const responseModelOf = (requestModel: string): string => dated[requestModel] ?? requestModel;
