import { z } from "zod";
import type { BillSource } from "./bill-source.ts";
import { type BilledLine, billedAmount, inDollars } from "./billed-line.ts";
import { pagedBill } from "./fetch-bill.ts";

const cost = z.object({
  amount: z.string(),
  currency: z.string(),
  cost_type: z.string().nullish(),
  description: z.string().nullish(),
  model: z.string().nullish(),
  service_tier: z.string().nullish(),
});
const usage = z.object({
  model: z.string().nullish(),
  api_key_id: z.string().nullish(),
  service_tier: z.string().nullish(),
  uncached_input_tokens: z.number(),
  cache_read_input_tokens: z.number(),
  cache_creation: z.object({ ephemeral_1h_input_tokens: z.number(), ephemeral_5m_input_tokens: z.number() }),
  output_tokens: z.number(),
});
const page = z.object({
  data: z.array(z.object({ starting_at: z.string(), results: z.array(z.union([cost, usage])) })),
});

const parsePage = (document: unknown): BilledLine[] =>
  page.parse(document).data.flatMap(({ starting_at, results }) => {
    const day = starting_at.slice(0, 10);
    return results.map((result): BilledLine => {
      if ("amount" in result) {
        inDollars(result.currency, `${day}, ${result.description ?? "other"}`);
        const model = result.model ?? `(${result.cost_type ?? result.description ?? "other"})`;
        return {
          ...{ day, model, tier: result.service_tier ?? undefined },
          amount: billedAmount(result.amount, `${day}, ${result.description ?? model}`, 2),
        };
      }
      const { ephemeral_1h_input_tokens: hour, ephemeral_5m_input_tokens: minutes } = result.cache_creation;
      return {
        ...{
          day,
          model: result.model ?? "",
          key: result.api_key_id ?? undefined,
          tier: result.service_tier ?? undefined,
        },
        inputTokens: result.uncached_input_tokens + result.cache_read_input_tokens + hour + minutes,
        outputTokens: result.output_tokens,
      };
    });
  });

/**
 * Anthropic's account of costs and of messages, pages of `GET /v1/organizations/cost_report` (by description; amounts are
 * cents as decimals) and of `GET /v1/organizations/usage_report/messages`. Days are UTC. Priority tier is not in the
 * costs. https://platform.claude.com/docs/en/build-with-claude/usage-cost-api
 */
export const anthropicBill: BillSource = {
  format: "json",
  storedProviders: ["anthropic"],
  parse: parsePage,
  api: {
    url: "https://api.anthropic.com",
    parse: parsePage,
    ...pagedBill({
      headers: (key) => ({ "x-api-key": key, "anthropic-version": "2023-06-01" }),
      requests: ({ from, to }) => {
        const range = [
          ["starting_at", `${from}T00:00:00Z`],
          ["ending_at", `${to}T00:00:00Z`],
          ["bucket_width", "1d"],
          ["limit", "31"],
        ] as const;
        return [
          { path: "/v1/organizations/cost_report", query: [...range, ["group_by[]", "description"]] },
          {
            path: "/v1/organizations/usage_report/messages",
            query: [...range, ...["model", "api_key_id", "service_tier"].map((by) => ["group_by[]", by] as const)],
          },
        ];
      },
    }),
  },
};
