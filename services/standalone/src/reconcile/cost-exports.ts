import { SpanhouseError } from "@spanhouse/schemas/errors";
import { z } from "zod";
import type { BillSource } from "./bill-source.ts";
import { type BilledLine, billedAmount, inDollars } from "./billed-line.ts";

const records = z.array(z.record(z.string(), z.string()));

/** A record of a CSV by any of several names of a column, in any spelling of them. */
type Field = (...names: readonly string[]) => string | undefined;

function linesOf(document: unknown, line: (field: Field, where: string) => BilledLine | undefined): BilledLine[] {
  return records.parse(document).flatMap((record, i) => {
    const spelt = new Map(Object.entries(record).map(([name, value]) => [plain(name), value]));
    const field: Field = (...names) =>
      names.map((name) => spelt.get(plain(name))).find((value) => value !== undefined && value !== "");
    return line(field, `line ${i + 2}`) ?? [];
  });
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

function needed(value: string | undefined, where: string, column: string): string {
  if (value !== undefined) return value;
  throw new SpanhouseError("CONFIG", `${where}: expected a column ${column}`);
}

/** 2026-10-31, 2026-10-31T07:00:00Z, 10/31/2026. */
function dayOf(text: string, where: string): string {
  const us = /^(\d{1,2})\/(\d{1,2})\/(\d{4})/.exec(text);
  const day = us ? `${us[3]}-${us[1]!.padStart(2, "0")}-${us[2]!.padStart(2, "0")}` : text.slice(0, 10);
  if (/^\d{4}-\d{2}-\d{2}$/.test(day)) return day;
  throw new SpanhouseError("CONFIG", `${where}: expected a day as 2026-10-31; got ${JSON.stringify(text)}`);
}

function count(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

/**
 * Azure's cost details, a CSV of Cost Management exports: `Date`, `MeterName`, `CostInUSD` (MCA) or `CostInBillingCurrency`
 * or `Cost` with `BillingCurrency`, `ResourceId`; only charges of `Microsoft.CognitiveServices`. The key is the resource,
 * the model what the meter's name says of one. Days are UTC.
 * https://learn.microsoft.com/azure/cost-management-billing/automate/understand-usage-details-fields
 */
export const azureBill: BillSource = {
  format: "csv",
  storedProviders: ["azure.ai.openai", "az.ai.openai", "azure.ai.inference", "az.ai.inference", "azure"],
  parse: (document) =>
    linesOf(document, (field, where) => {
      const service = field("ConsumedService", "MeterCategory");
      if (service && !/cognitive|openai|foundry|ai services/i.test(service)) return undefined;
      const dollars = field("CostInUSD", "CostInUsd");
      if (dollars === undefined) inDollars(field("BillingCurrency", "BillingCurrencyCode", "Currency"), where);
      const meter = needed(field("MeterName", "Meter"), where, "MeterName");
      const amount = needed(dollars ?? field("CostInBillingCurrency", "Cost", "PreTaxCost"), where, "CostInUSD");
      return {
        day: dayOf(needed(field("Date", "UsageDate", "UsageDateTime"), where, "Date"), where),
        model: meter
          .replaceAll(meterWords, " ")
          .replaceAll(/[\s-]+/g, " ")
          .trim(),
        key: field("ResourceName") ?? field("ResourceId")?.split("/").at(-1),
        tier: /\bbatch\b/i.test(meter) ? "batch" : /\b(prty|priority)\b/i.test(meter) ? "priority" : "standard",
        amount: billedAmount(amount, where),
      };
    }),
};

/** What a meter's name says beside the model. */
const meterWords =
  /\b(inp|inpt|input|outp|outpt|opt|output|cached|cchd|cd|glbl|global|rgnl|regnl|regional|dzone|dz|datazone|data|zone|batch|prty|priority|tokens?|1[km])\b/gi;

/**
 * AWS's Cost and Usage Report, a CSV of CUR 2.0 (`line_item_usage_start_date`, `line_item_usage_type`,
 * `line_item_unblended_cost`, `line_item_product_code`) or of the legacy report (`lineItem/UsageStartDate`, …); only Amazon
 * Bedrock. A usage type is `USE1-Claude4.6Sonnet-input-tokens`, with the tier within. The key is the IAM principal where
 * the export has it. Days are UTC.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/cost-mgmt-understanding-cur-data.html
 */
export const bedrockBill: BillSource = {
  format: "csv",
  storedProviders: ["aws.bedrock", "aws_bedrock", "bedrock"],
  parse: (document) =>
    linesOf(document, (field, where) => {
      if (!/bedrock/i.test(field("line_item_product_code") ?? "")) return undefined;
      inDollars(field("line_item_currency_code"), where);
      const type = needed(field("line_item_usage_type"), where, "line_item_usage_type");
      return {
        day: dayOf(needed(field("line_item_usage_start_date"), where, "line_item_usage_start_date"), where),
        model: type.replace(/^[A-Z]{2,5}\d?-/, "").replaceAll(usageWords, ""),
        key: field("line_item_iam_principal"),
        tier: /-(batch|flex|priority)\b/i.exec(type)?.[1]?.toLowerCase() ?? "standard",
        amount: billedAmount(needed(field("line_item_unblended_cost"), where, "line_item_unblended_cost"), where),
      };
    }),
};

/** What a usage type says beside the model. */
const usageWords =
  /-(mantle|cache-read-input-token-count|cache-write-input-token-count|input-tokens?|output-tokens?|tokens?|count|cross-region|global|geo|batch|flex|priority|standard)(?=-|$)/gi;

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
