import { SpanhouseError } from "@spanhouse/schemas/errors";
import { z } from "zod";
import type { BillQuestion, BillSource } from "./bill-source.ts";
import { type BilledLine, billedAmount, inDollars } from "./billed-line.ts";
import { dayOf, linesOf, needed } from "./csv-records.ts";
import { documentOf } from "./fetch-bill.ts";

/**
 * Azure's cost details, a CSV of Cost Management exports: `Date`, `MeterName`, `CostInUSD` (MCA) or `CostInBillingCurrency`
 * or `Cost` with `BillingCurrency`, `ResourceId`; only charges of `Microsoft.CognitiveServices`. The key is the resource,
 * the model what the meter's name says of one. Days are UTC. Over the API the same, by meter and resource.
 * https://learn.microsoft.com/azure/cost-management-billing/automate/understand-usage-details-fields
 * https://learn.microsoft.com/rest/api/cost-management/query/usage
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
        ...saysMeter(meter),
        key: field("ResourceName") ?? resourceName(field("ResourceId")),
        amount: billedAmount(amount, where),
      };
    }),
  api: {
    url: "https://management.azure.com",
    key: "an access token of Azure Resource Manager (az account get-access-token) that may read costs",
    scope: "whose costs, as subscriptions/00000000-0000-0000-0000-000000000000",
    parse: parseAnswer,
    pages: answers,
  },
};

const answerSchema = z.object({
  properties: z.object({
    nextLink: z.string().nullish(),
    columns: z.array(z.object({ name: z.string() })),
    rows: z.array(z.array(z.union([z.string(), z.number()]).nullable())),
  }),
});

function parseAnswer(document: unknown): BilledLine[] {
  const { columns, rows } = answerSchema.parse(document).properties;
  const at = (name: string) => {
    const place = columns.findIndex((column) => column.name === name);
    if (place < 0) throw new SpanhouseError("CONFIG", `Azure's answer: expected a column ${name}`);
    return place;
  };
  const [cost, date, meter, resource] = [at("CostUSD"), at("UsageDate"), at("Meter"), at("ResourceId")];
  return rows.map((row, i) => {
    const where = `row ${i + 1} of Azure's answer`;
    const day = String(row[date]).replace(/^(\d{4})(\d{2})(\d{2})$/, "$1-$2-$3");
    return {
      day: dayOf(day, where),
      ...saysMeter(String(row[meter] ?? "")),
      key: resourceName(row[resource]?.toString()),
      amount: billedAmount(String(row[cost]), where),
    };
  });
}

const second = 1_000;

async function* answers({ url, key, scope, days, signal }: BillQuestion): AsyncGenerator<unknown> {
  const path = `/${scope.replace(/^\/|\/$/g, "")}/providers/Microsoft.CostManagement/query`;
  const body = JSON.stringify({
    type: "ActualCost",
    timeframe: "Custom",
    // Its last moment is in the range.
    timePeriod: { from: `${days.from}T00:00:00Z`, to: new Date(Date.parse(days.to) - second).toISOString() },
    dataset: {
      granularity: "Daily",
      aggregation: { cost: { name: "CostUSD", function: "Sum" } },
      grouping: ["Meter", "ResourceId"].map((name) => ({ type: "Dimension", name })),
      filter: { dimensions: { name: "ConsumedService", operator: "In", values: ["Microsoft.CognitiveServices"] } },
    },
  });
  for (let query: string | undefined = "?api-version=2023-11-01"; query; ) {
    const response = await fetch(`${url}${path}${query}`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      ...{ body, signal },
    });
    const page = await documentOf(`POST ${path}`, response, azureBill.api!.key);
    yield page;
    const { nextLink } = answerSchema.parse(page).properties;
    // The token goes to nobody but whom it is meant for, whatever host the link names.
    query = nextLink ? new URL(nextLink).search : undefined;
  }
}

function saysMeter(meter: string): Pick<BilledLine, "model" | "tier"> {
  return {
    model: meter
      .replaceAll(meterWords, " ")
      .replaceAll(/[\s-]+/g, " ")
      .trim(),
    tier: /\bbatch\b/i.test(meter) ? "batch" : /\b(prty|priority)\b/i.test(meter) ? "priority" : "standard",
  };
}

function resourceName(id: string | undefined): string | undefined {
  return id?.split("/").at(-1);
}

/** What a meter's name says beside the model. */
const meterWords =
  /\b(inp|inpt|input|outp|outpt|opt|output|cached|cchd|cd|glbl|global|rgnl|regnl|regional|dzone|dz|datazone|data|zone|batch|prty|priority|tokens?|1[km])\b/gi;
