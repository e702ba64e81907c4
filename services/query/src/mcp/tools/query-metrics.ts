import { dimensions, intervals, type Metrics, measures } from "@spanhouse/schemas/api/metrics";
import { timeParameter } from "@spanhouse/schemas/api/values";
import { z } from "zod";
import { clippedFacts } from "../bounded.ts";
import { mcpTool } from "../mcp-tool.ts";
import { limitArgument } from "../page-arguments.ts";

const maxPoints = 300;

export const queryMetrics = mcpTool({
  name: "query_metrics",
  title: "Query metrics",
  description:
    "Exact spend, tokens, calls, rates and latency quantiles, by dimensions and time. Quantiles are asked apart from money " +
    "and tokens. Money is USD as a decimal string, never rounded; a rate or quantile of nothing is null. Without from and " +
    "to: the last day.",
  input: {
    measures: z.array(z.enum(measures)).min(1).describe("groups are ranked by the first"),
    group_by: z.array(z.enum(dimensions)).max(3).optional(),
    filters: z
      .partialRecord(z.enum(dimensions), z.array(z.string().max(400)).min(1).max(20))
      .optional()
      .describe("for a dimension the values of which calls must have one"),
    interval: z.enum(intervals).default("none"),
    time_zone: z.string().max(64).default("UTC"),
    from: timeParameter.optional(),
    to: timeParameter.optional(),
    limit: limitArgument(50, 10).describe("of groups"),
  },
  async run({ measures: asked, group_by, filters = {}, ...rest }, api, signal) {
    const filtered = Object.entries(filters).map(([dimension, values]) => [`filter[${dimension}]`, values]);
    const metrics = await api.json<Metrics>(
      "/v1/metrics",
      { ...rest, measures: asked.join(","), group_by: group_by?.join(","), ...Object.fromEntries(filtered) },
      signal,
    );
    const { from, to, interval, time_zone, utc_days, groups, truncated } = metrics;
    let left = maxPoints;
    const shown = groups.map(({ key, totals, points }) => {
      const kept = points.slice(0, left);
      left -= kept.length;
      const cut = kept.length < points.length ? { points_left_out: points.length - kept.length } : {};
      return { key: clippedFacts(key, 1_000), totals, ...(interval === "none" ? {} : { points: kept }), ...cut };
    });
    return { from, to, interval, time_zone, utc_days, groups: shown, truncated };
  },
});
