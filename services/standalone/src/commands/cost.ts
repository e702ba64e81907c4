import { metricCommand } from "../reading/metric-table.ts";

export const cost = metricCommand({
  name: "cost",
  about: "What calls cost, exactly: estimates and calls that could not be priced stand beside it, in no sum of it.",
  groupBy: "response_model",
  columns: [
    ["cost", "cost"],
    ["calls", "calls"],
    ["input", "input_tokens"],
    ["output", "output_tokens"],
    ["cache hits", "cache_hit_rate"],
    ["wasted", "wasted_cost"],
    ["estimated", "estimated_cost"],
    ["priced", "priced_coverage"],
  ],
});
