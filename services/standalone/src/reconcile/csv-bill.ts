import type { BillSource } from "./bill-source.ts";
import { billedAmount, inDollars } from "./billed-line.ts";
import { dayOf, linesOf, needed } from "./csv-records.ts";

/**
 * A CSV of anybody: columns `day` and `cost` (USD), and `model`, `key`, `tier`, `calls`, `input_tokens`, `output_tokens`
 * where it has them.
 */
export const csvBill: BillSource = {
  format: "csv",
  storedProviders: [],
  parse: (document) =>
    linesOf(document, (field, where) => {
      inDollars(field("currency"), where);
      return {
        day: dayOf(needed(field("day", "date"), where, "day"), where),
        model: field("model") ?? "",
        ...{ key: field("key"), tier: field("tier") },
        amount: billedAmount(needed(field("cost", "amount"), where, "cost"), where),
        ...{
          calls: count(field("calls")),
          inputTokens: count(field("input_tokens")),
          outputTokens: count(field("output_tokens")),
        },
      };
    }),
};

function count(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}
