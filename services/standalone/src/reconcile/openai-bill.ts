import { z } from "zod";
import type { BillSource } from "./bill-source.ts";
import { type BilledLine, billedAmount, inDollars } from "./billed-line.ts";
import { pagedBill } from "./fetch-bill.ts";

const page = <Result extends z.ZodType>(result: Result) =>
  z.object({
    data: z.array(z.object({ start_time: z.number(), results: z.array(result) })),
  });

const cost = z.object({
  object: z.literal("organization.costs.result"),
  amount: z.object({ value: z.union([z.number(), z.string()]), currency: z.string() }),
  line_item: z.string().nullish(),
  api_key_id: z.string().nullish(),
});
const usage = z.object({
  object: z.literal("organization.usage.completions.result"),
  model: z.string().nullish(),
  api_key_id: z.string().nullish(),
  service_tier: z.string().nullish(),
  batch: z.boolean().nullish(),
  input_tokens: z.number(),
  output_tokens: z.number(),
  num_model_requests: z.number(),
});

const parsePage = (document: unknown): BilledLine[] =>
  page(z.union([cost, usage]))
    .parse(document)
    .data.flatMap(({ start_time, results }) => {
      const day = new Date(start_time * 1000).toISOString().slice(0, 10);
      return results.map((result): BilledLine => {
        if (result.object === "organization.usage.completions.result") {
          return {
            ...{ day, model: result.model ?? "", key: result.api_key_id ?? undefined },
            ...{ tier: result.batch ? "batch" : (result.service_tier ?? undefined) },
            ...{
              calls: result.num_model_requests,
              inputTokens: result.input_tokens,
              outputTokens: result.output_tokens,
            },
          };
        }
        const item = result.line_item ?? "";
        inDollars(result.amount.currency, `${day}, ${item}`);
        return {
          ...{ day, model: item.split(", ")[0]!, key: result.api_key_id ?? undefined },
          amount: billedAmount(String(result.amount.value), `${day}, ${item}`),
        };
      });
    });

/**
 * OpenAI's account of costs and of completions, pages of `GET /v1/organization/costs` (by line item: `gpt-4o-2024-08-06,
 * input`) and of `GET /v1/organization/usage/completions`. Days are UTC.
 * https://platform.openai.com/docs/api-reference/usage
 */
export const openaiBill: BillSource = {
  format: "json",
  storedProviders: ["openai"],
  parse: parsePage,
  api: {
    url: "https://api.openai.com",
    parse: parsePage,
    ...pagedBill({
      headers: (key) => ({ authorization: `Bearer ${key}` }),
      requests: ({ from, to }) => [
        {
          path: "/v1/organization/costs",
          query: [
            ["start_time", unix(from)],
            ["end_time", unix(to)],
            ["bucket_width", "1d"],
            ["limit", "180"],
            ["group_by", "line_item"],
          ],
        },
        {
          path: "/v1/organization/usage/completions",
          query: [
            ...([
              ["start_time", unix(from)],
              ["end_time", unix(to)],
              ["bucket_width", "1d"],
              ["limit", "31"],
            ] as const),
            ...["model", "api_key_id", "batch", "service_tier"].map((by) => ["group_by", by] as const),
          ],
        },
      ],
    }),
  },
};

function unix(day: string): string {
  return String(Date.parse(`${day}T00:00:00Z`) / 1000);
}
