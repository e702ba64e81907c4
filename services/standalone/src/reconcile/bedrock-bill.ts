import { SpanhouseError } from "@spanhouse/schemas/errors";
import { AwsClient } from "aws4fetch";
import { z } from "zod";
import type { BillQuestion, BillSource } from "./bill-source.ts";
import { type BilledLine, billedAmount, inDollars } from "./billed-line.ts";
import { dayOf, linesOf, needed } from "./csv-records.ts";
import { documentOf } from "./fetch-bill.ts";

/**
 * AWS's Cost and Usage Report, a CSV of CUR 2.0 (`line_item_usage_start_date`, `line_item_usage_type`,
 * `line_item_unblended_cost`, `line_item_product_code`) or of the legacy report (`lineItem/UsageStartDate`, …), or what Cost
 * Explorer says by service and usage type; only Amazon Bedrock. A usage type is `USE1-Claude4.6Sonnet-input-tokens`, with
 * the tier within; of models sold by the Marketplace it names none, but the product does: `Claude 3 Haiku (Amazon Bedrock
 * Edition)`. The key is the IAM principal where an export has it. Days are UTC.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/cost-mgmt-understanding-cur-data.html
 * https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostAndUsage.html
 */
export const bedrockBill: BillSource = {
  format: "csv",
  storedProviders: ["aws.bedrock", "aws_bedrock", "bedrock"],
  parse: (document) =>
    linesOf(document, (field, where) => {
      const product =
        field("product_product_name") ?? /"product_name"\s*:\s*"([^"]*)"/.exec(field("product") ?? "")?.[1];
      if (![field("line_item_product_code"), product].some((name) => isBedrock.test(name ?? ""))) return undefined;
      inDollars(field("line_item_currency_code"), where);
      const type = needed(field("line_item_usage_type"), where, "line_item_usage_type");
      return {
        day: dayOf(needed(field("line_item_usage_start_date"), where, "line_item_usage_start_date"), where),
        ...saysUsage(product ?? "", type),
        key: field("line_item_iam_principal"),
        amount: billedAmount(needed(field("line_item_unblended_cost"), where, "line_item_unblended_cost"), where),
      };
    }),
  api: {
    url: "https://ce.us-east-1.amazonaws.com",
    key: "access key id:secret access key[:session token] of somebody who may ce:GetCostAndUsage",
    parse: parseAnswer,
    pages: answers,
  },
};

const isBedrock = /bedrock/i;

const answerSchema = z.object({
  NextPageToken: z.string().nullish(),
  ResultsByTime: z.array(
    z.object({
      TimePeriod: z.object({ Start: z.string() }),
      Groups: z.array(
        z.object({
          Keys: z.tuple([z.string(), z.string()]),
          Metrics: z.object({ UnblendedCost: z.object({ Amount: z.string(), Unit: z.string() }) }),
        }),
      ),
    }),
  ),
});

function parseAnswer(document: unknown): BilledLine[] {
  return answerSchema.parse(document).ResultsByTime.flatMap(({ TimePeriod: { Start }, Groups }) =>
    Groups.filter(({ Keys: [service] }) => isBedrock.test(service)).map(({ Keys, Metrics: { UnblendedCost } }) => {
      const where = `${Start}, ${Keys.join(", ")}`;
      inDollars(UnblendedCost.Unit, where);
      return { day: dayOf(Start, where), ...saysUsage(...Keys), amount: billedAmount(UnblendedCost.Amount, where) };
    }),
  );
}

/** Each page is a request, for which AWS takes a cent. */
async function* answers({ url, key, days, signal }: BillQuestion): AsyncGenerator<unknown> {
  const [accessKeyId, secretAccessKey, sessionToken] = key.split(":");
  if (!accessKeyId || !secretAccessKey) {
    throw new SpanhouseError("CONFIG", `--key-env: expected ${bedrockBill.api!.key}`);
  }
  const aws = new AwsClient({
    ...{ accessKeyId, secretAccessKey, service: "ce", region: "us-east-1", retries: 3 },
    ...(sessionToken && { sessionToken }),
  });
  for (let page: string | undefined, more = true; more; ) {
    const response = await aws.fetch(`${url}/`, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "AWSInsightsIndexService.GetCostAndUsage",
      },
      body: JSON.stringify({
        TimePeriod: { Start: days.from, End: days.to },
        Granularity: "DAILY",
        Metrics: ["UnblendedCost"],
        // Models of the Marketplace are services of their own: all are asked for, and those of Bedrock kept.
        GroupBy: ["SERVICE", "USAGE_TYPE"].map((Key) => ({ Type: "DIMENSION", Key })),
        ...(page && { NextPageToken: page }),
      }),
      signal,
    });
    const document = await documentOf("GetCostAndUsage", response, bedrockBill.api!.key);
    yield document;
    page = answerSchema.parse(document).NextPageToken ?? undefined;
    more = page !== undefined;
  }
}

function saysUsage(product: string, type: string): Pick<BilledLine, "model" | "tier"> {
  const sold = /^(.+?)\s*\(Amazon Bedrock Edition\)/i.exec(product)?.[1];
  return {
    model: sold ?? type.replace(/^[A-Z]{2,5}\d?-/, "").replaceAll(usageWords, ""),
    tier: /[-_](batch|flex|priority)(?![a-z])/i.exec(type)?.[1]?.toLowerCase() ?? "standard",
  };
}

/** What a usage type says beside the model. */
const usageWords =
  /-(mantle|cache-read-input-token-count|cache-write-input-token-count|input-tokens?|output-tokens?|tokens?|count|cross-region|global|geo|batch|flex|priority|standard)(?=-|$)/gi;
