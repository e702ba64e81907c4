import { metricCommand } from "../reading/metric-table.ts";

export const refusals = metricCommand({
  name: "refusals",
  about: `How often calls were refused, by how sure that is: said by the provider, stopped by a filter, or suspected from the
words; and how often they failed or were cut.`,
  groupBy: "response_model",
  columns: [
    ["calls", "calls"],
    ["explicit", "explicit_refusal_rate"],
    ["filtered", "filtered_refusal_rate"],
    ["suspected", "suspected_refusal_rate"],
    ["truncated", "truncation_rate"],
    ["errors", "error_rate"],
  ],
});
