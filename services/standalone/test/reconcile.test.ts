import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { formatDollars } from "@spanhouse/schemas/money";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runConsumer } from "../../consumer/test/pipeline/running-consumer.ts";
import { chat, minute0, request, second, span } from "../../consumer/test/pipeline/spans.ts";
import { type TestClickHouse, testClickHouse } from "../../store/test/test-clickhouse.ts";
import { reconcileCommand } from "../src/commands/reconcile.ts";
import { azureBill } from "../src/reconcile/azure-bill.ts";
import { bedrockBill } from "../src/reconcile/bedrock-bill.ts";
import { billedAmount } from "../src/reconcile/billed-line.ts";
import { explainTiers, type Pair } from "../src/reconcile/explain.ts";
import { modelNames } from "../src/reconcile/match-names.ts";
import { runCommand } from "./run-command.ts";

let store: TestClickHouse;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "spanhouse-reconcile-"));
  store = await testClickHouse();
  const consumer = await runConsumer(store.clickhouse);
  await consumer.send(request(...calls));
  await consumer.stop();
}, 60_000);
afterAll(async () => {
  await store?.drop();
  rmSync(folder, { recursive: true, force: true });
});

const silent = { "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o" };
const answered = { ...silent, "gen_ai.response.model": "gpt-4o-2024-08-06" };
const failed = { status: { code: 2 } };
const midnight = BigInt(Date.parse("2026-10-07T00:00:00Z")) * 1_000_000n - minute0;
const day = 24n * 3600n * second;
/** 1,000 and 100 tokens of gpt-4o are $0.0035. On October 5th two calls, the 6th one, and one over midnight. */
const calls = [
  span(1, 1, undefined, chat(1000, 100), 0n),
  span(2, 1, undefined, chat(1000, 100), second),
  span(3, 1, undefined, chat(1000, 100), day),
  span(4, 1, undefined, chat(1000, 100), midnight - second / 2n),
  // On the 8th a stream that was broken off, a try that timed out, one that was refused for its rate, and one that says nothing.
  span(5, 1, undefined, chat(1000, 100), 3n * day),
  span(6, 1, undefined, { ...answered, "error.type": "AbortError" }, 3n * day, failed),
  span(7, 1, undefined, { ...silent, "error.type": "APITimeoutError" }, 3n * day, failed),
  span(
    8,
    1,
    undefined,
    { ...silent, "error.type": "RateLimitError", "http.response.status_code": 429 },
    3n * day,
    failed,
  ),
];

const run = async (...args: readonly string[]) => {
  const { code, lines } = await runCommand(reconcileCommand, store, [...args, "--format", "json"], {
    environment: { ADMIN_KEY: "sk-admin" },
  });
  const { total, groups } = JSON.parse(lines[0]!);
  return { code, total, groups };
};
function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

const unix = (of: string) => Date.parse(`${of}T00:00:00Z`) / 1000;
const costs = (of: string, ...results: readonly (readonly [item: string, dollars: number])[]) => ({
  ...{ object: "bucket", start_time: unix(of), end_time: unix(of) + 86_400 },
  results: results.map(([line_item, value]) => ({
    ...{ object: "organization.costs.result", amount: { value, currency: "usd" }, line_item, project_id: null },
  })),
});
const page = (...data: readonly unknown[]) => ({ object: "page", data, has_more: false, next_page: null });

describe("OpenAI", () => {
  const bill = page(
    // What the two calls cost, to the digit; then half a cent too much, as cents are rounded; then the call over midnight.
    costs("2026-10-05", ["gpt-4o-2024-08-06, input", 0.005], ["gpt-4o-2024-08-06, output", 0.002]),
    costs("2026-10-06", ["gpt-4o-2024-08-06, input", 0.007]),
    costs("2026-10-08", ["gpt-4o-2024-08-06, input", 0.0105], ["o9-unknown, input", 1.25]),
  );

  test("each day and model beside the bill, with what each difference is because of", async () => {
    const { code, total, groups } = await run("--provider", "openai", "--file", file("costs.json", bill));
    expect(groups).toMatchObject([
      { day: "2026-10-05", model: "gpt-4o-2024-08-06", difference: "0.000000000000", explanation: {}, stored_calls: 2 },
      { day: "2026-10-06", difference: "0.003500000000", explanation: { time_zone_cut: "0.003500000000" } },
      { day: "2026-10-07", difference: "-0.003500000000", explanation: { time_zone_cut: "-0.003500000000" } },
      { day: "2026-10-08", model: "gpt-4o", billed: "0.000000000000", stored: "0.000000000000", explanation: {} },
      {
        day: "2026-10-08",
        model: "gpt-4o-2024-08-06",
        explanation: { aborted_streams: "0.003500000000", untraced_calls: "0.003500000000" },
      },
      { day: "2026-10-08", model: "o9-unknown", explanation: { untraced_calls: "1.250000000000" }, stored_calls: 0 },
    ]);
    expect(total).toMatchObject({
      billed: "1.274500000000",
      stored: "0.017500000000",
      difference: "1.257000000000",
      unexplained: "1.253500000000",
    });
    expect(code).toBe(1);
    const byDay = await run(
      "--provider",
      "openai",
      "--file",
      file("costs.json", bill),
      "--by",
      "day",
      "--tolerance",
      "100",
    );
    expect(byDay.code).toBe(0);
  });

  test("tries that timed out may have been answered; one that was refused for its rate was not", async () => {
    const only = page(costs("2026-10-08", ["gpt-4o-2024-08-06, input", 0.0105]));
    const { groups, code } = await run(
      "--provider",
      "openai",
      "--file",
      file("day.json", only),
      "--alias",
      "gpt-4o*=gpt-4o",
    );
    expect(groups.find(({ model }: { model: string }) => model === "gpt-4o")).toMatchObject({
      explanation: { retries: "0.010500000000" },
    });
    expect(code).toBe(1);
  });

  test("the API's pages are read to the end, costs and usage; a wrong key is said", async () => {
    const asked: IncomingMessage[] = [];
    const server = createServer((incoming, answer) => {
      asked.push(incoming);
      if (incoming.headers.authorization !== "Bearer sk-admin") return answer.writeHead(401).end("no such key");
      const { pathname, searchParams } = new URL(incoming.url!, "http://x");
      const usage = {
        ...{
          object: "organization.usage.completions.result",
          model: "gpt-4o-2024-08-06",
          api_key_id: "key_1",
          batch: false,
        },
        ...{ input_tokens: 2000, output_tokens: 200, num_model_requests: 2 },
      };
      const last = searchParams.get("page") === "p2";
      const body = pathname.endsWith("/completions")
        ? page({ start_time: unix("2026-10-05"), end_time: 0, results: [usage] })
        : last
          ? page(costs("2026-10-05", ["gpt-4o-2024-08-06, output", 0.004]))
          : { ...page(costs("2026-10-05", ["gpt-4o-2024-08-06, input", 0.005])), has_more: true, next_page: "p2" };
      return answer.setHeader("content-type", "application/json").end(JSON.stringify(body));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const api = ["--provider", "openai", "--url", url, "--from", "2026-10-05", "--to", "2026-10-06"];
    try {
      const { groups, code } = await run(...api, "--key-env", "ADMIN_KEY");
      // The same tokens on both sides: it is the price that differs.
      expect(groups).toMatchObject([
        {
          billed: "0.009000000000",
          stored: "0.007000000000",
          explanation: { price: "0.002000000000" },
          billed_calls: 2,
          stored_calls: 2,
        },
      ]);
      expect(code).toBe(1);
      expect(asked.map(({ url }) => new URL(url!, "http://x").pathname)).toEqual([
        ...["/v1/organization/costs", "/v1/organization/costs", "/v1/organization/usage/completions"],
      ]);
      expect(asked[0]!.url).toContain(
        `start_time=${unix("2026-10-05")}&end_time=${unix("2026-10-06")}&bucket_width=1d`,
      );
      await expect(
        runCommand(reconcileCommand, store, [...api, "--key-env", "OTHER"], { environment: { OTHER: "x" } }),
      ).rejects.toThrow(
        "--key-env: expected an administrator's key of the provider; GET /v1/organization/costs: 401 no such key",
      );
    } finally {
      server.close();
    }
  });
});

test("Anthropic's cents, by tier, beside its usage", async () => {
  const cost = (amount: string, token_type: string) => ({
    ...{
      amount,
      currency: "USD",
      cost_type: "tokens",
      description: `Claude Usage - ${token_type}`,
      context_window: "0-200k",
    },
    ...{ model: "gpt-4o-2024-08-06", service_tier: "batch", token_type, workspace_id: null },
  });
  const bill = {
    data: [
      {
        ...{ starting_at: "2026-10-05T00:00:00Z", ending_at: "2026-10-06T00:00:00Z" },
        results: [
          cost("0.35", "uncached_input_tokens"),
          {
            amount: "1",
            currency: "USD",
            cost_type: "web_search",
            description: "Web Search Usage",
            model: null,
            service_tier: null,
          },
          {
            ...{ model: "gpt-4o-2024-08-06", service_tier: "batch", api_key_id: null, uncached_input_tokens: 1500 },
            ...{
              cache_read_input_tokens: 400,
              cache_creation: { ephemeral_1h_input_tokens: 60, ephemeral_5m_input_tokens: 40 },
            },
            ...{ output_tokens: 200, server_tool_use: { web_search_requests: 1 } },
          },
        ],
      },
    ],
    ...{ has_more: false, next_page: null },
  };
  const args = ["--provider", "anthropic", "--spans-of", "openai", "--file", file("anthropic.json", bill)];
  const { groups } = await run(...args);
  expect(groups).toMatchObject([
    {
      model: "(web_search)",
      tier: "standard",
      billed: "0.010000000000",
      explanation: { untraced_calls: "0.010000000000" },
    },
    { tier: "batch", billed: "0.003500000000", explanation: { tier: "0.003500000000" }, billed_input_tokens: 2000 },
    { tier: "standard", stored: "0.007000000000", explanation: { tier: "-0.007000000000" } },
  ]);
});

interface Asked extends Pick<IncomingMessage, "url" | "headers"> {
  readonly body: unknown;
}

/** A provider's API of this machine, that answers each request with the next page. */
async function withApi(pages: readonly unknown[], use: (url: string, asked: readonly Asked[]) => Promise<void>) {
  const asked: Asked[] = [];
  const server = createServer(async (incoming, answer) => {
    const page = pages[asked.length];
    asked.push({ url: incoming.url, headers: incoming.headers, body: await json(incoming) });
    answer.writeHead(page ? 200 : 403, { "content-type": "application/json" }).end(JSON.stringify(page ?? "no more"));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked);
  } finally {
    server.close();
  }
}

test("Azure is asked by meter and resource, to the last page, and only whom the token is for", async () => {
  const columns = ["CostUSD", "UsageDate", "Meter", "ResourceId", "Currency"].map((name) => ({ name, type: "String" }));
  const resource = "/subscriptions/1/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/shop";
  const rows = [
    [0.005, 20261005, "gpt-4o-0806-Inp-glbl Tokens", resource, "USD"],
    [0.002, 20261005, "gpt-4o-0806-Outp-glbl Tokens", resource, "USD"],
  ];
  const nextLink = "https://elsewhere.example/x?api-version=2023-11-01&$skiptoken=AQAAAA%3D%3D";
  const pages = [
    { properties: { columns, rows: rows.slice(0, 1), nextLink } },
    { properties: { columns, rows: rows.slice(1), nextLink: null } },
  ];
  const days = ["--from", "2026-10-05", "--to", "2026-10-06", "--spans-of", "openai"];
  const args = ["--provider", "azure", "--key-env", "ADMIN_KEY", "--scope", "subscriptions/1", "--by", "day,model"];
  await withApi(pages, async (url, asked) => {
    const { groups, code } = await run(...args, ...days, "--url", `${url}/`);
    expect(groups).toMatchObject([{ day: "2026-10-05", billed: "0.007000000000", difference: "0.000000000000" }]);
    expect(code).toBe(0);
    const path = "/subscriptions/1/providers/Microsoft.CostManagement/query?api-version=2023-11-01";
    expect(asked.map(({ url }) => url)).toEqual([path, `${path}&$skiptoken=AQAAAA%3D%3D`]);
    expect(asked[0]!.headers.authorization).toBe("Bearer sk-admin");
    expect(asked[1]!.body).toEqual(asked[0]!.body);
    expect(asked[0]!.body).toMatchObject({
      timePeriod: { from: "2026-10-05T00:00:00Z", to: "2026-10-05T23:59:59.000Z" },
      dataset: { granularity: "Daily", aggregation: { cost: { name: "CostUSD", function: "Sum" } } },
    });
    await expect(run(...args, ...days, "--url", url)).rejects.toThrow("--key-env: expected an access token of Azure");
  });
});

test("Cost Explorer is asked by service and usage type, signed, and what is not Bedrock is left", async () => {
  const group = (service: string, type: string, Amount: string) => ({
    ...{ Keys: [service, type], Metrics: { UnblendedCost: { Amount, Unit: "USD" } } },
  });
  const answer = (...Groups: readonly unknown[]) => ({
    ResultsByTime: [{ TimePeriod: { Start: "2026-10-05", End: "2026-10-06" }, Total: {}, Groups, Estimated: false }],
  });
  const pages = [
    {
      ...answer(
        group("Amazon Bedrock", "USE1-Nova2.0Lite-input-tokens", "0.0125"),
        group("Amazon Simple Storage Service", "TimedStorage-ByteHrs", "3"),
      ),
      NextPageToken: "2",
    },
    answer(group("Claude 3 Haiku (Amazon Bedrock Edition)", "USW2-MP:USW2_InputTokenCount_Batch-Units", "0.5")),
  ];
  const days = ["--from", "2026-10-05", "--to", "2026-10-06", "--by", "day,model,tier"];
  const args = ["--provider", "bedrock", "--key-env", "AWS", ...days, "--format", "json"];
  const environment = { AWS: "AKIDEXAMPLE:secret:session" };
  await withApi(pages, async (url, asked) => {
    const { lines } = await runCommand(reconcileCommand, store, [...args, "--url", url], { environment });
    expect(JSON.parse(lines[0]!).groups).toMatchObject([
      { model: "Claude 3 Haiku", tier: "batch", billed: "0.500000000000" },
      { model: "Nova2.0Lite", tier: "standard", billed: "0.012500000000" },
    ]);
    const [first, second] = asked;
    expect(first!.headers).toMatchObject({
      "x-amz-target": "AWSInsightsIndexService.GetCostAndUsage",
      "x-amz-security-token": "session",
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/us-east-1\/ce\/aws4_request, .*Signature=[0-9a-f]{64}$/,
      ),
    });
    expect(first!.body).toMatchObject({ TimePeriod: { Start: "2026-10-05", End: "2026-10-06" }, Granularity: "DAILY" });
    expect(second!.body).toMatchObject({ NextPageToken: "2" });
    const wrong = { environment: { AWS: "AKIDEXAMPLE" } };
    await expect(runCommand(reconcileCommand, store, [...args, "--url", url], wrong)).rejects.toThrow(
      "--key-env: expected access key id:secret access key",
    );
  });
});

test("Azure's cost details and Bedrock's usage types name models, tiers and keys", () => {
  const azure = (row: Readonly<Record<string, string>>) =>
    azureBill.parse([{ ConsumedService: "Microsoft.CognitiveServices", BillingCurrency: "USD", ...row }]);
  expect(
    azure({
      ...{ Date: "10/31/2026", MeterName: "gpt-4o-0806-Inp-glbl Tokens", CostInBillingCurrency: "1.25" },
      ResourceId: "/subscriptions/1/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/shop",
    }),
  ).toEqual([
    {
      day: "2026-10-31",
      model: "gpt 4o 0806",
      key: "shop",
      tier: "standard",
      amount: { dollars: 1_250_000_000_000n, rounding: 5_000_000_000n },
    },
  ]);
  expect(azure({ Date: "2026-10-31", MeterName: "x", Cost: "1", ConsumedService: "Microsoft.Compute" })).toEqual([]);
  expect(() => azure({ Date: "2026-10-31", MeterName: "x", Cost: "1", BillingCurrency: "EUR" })).toThrow(
    "expected amounts in USD",
  );

  const cur = (usage: string, more = {}) =>
    bedrockBill.parse([
      {
        ...{ line_item_product_code: "AmazonBedrock", line_item_usage_start_date: "2026-10-05 00:00:00" },
        ...{ line_item_usage_type: usage, line_item_unblended_cost: "0.069", ...more },
      },
    ])[0];
  expect(
    cur("USE1-Claude4.6Sonnet-input-tokens", { line_item_iam_principal: "arn:aws:iam::1:user/ann" }),
  ).toMatchObject({
    ...{ day: "2026-10-05", model: "Claude4.6Sonnet", key: "arn:aws:iam::1:user/ann", tier: "standard" },
  });
  expect(cur("EUC1-Claude4.6Sonnet-cache-read-input-token-count-batch")).toMatchObject({
    model: "Claude4.6Sonnet",
    tier: "batch",
  });
  expect(
    bedrockBill.parse([
      {
        "lineItem/ProductCode": "AmazonBedrock",
        "lineItem/UsageStartDate": "2026-10-05T00:00:00Z",
        "lineItem/UsageType": "USW2-Nova-input-tokens",
        "lineItem/UnblendedCost": "2E-7",
      },
    ]),
  ).toMatchObject([{ model: "Nova", amount: { dollars: 200_000n } }]);
  const sold = {
    line_item_product_code: "5zc8c1hyvc3mkzgswzxyz",
    product: '{"product_name":"Claude 3 Haiku (Amazon Bedrock Edition)"}',
  };
  expect(cur("USW2-MP:USW2_OutputTokenCount-Units", sold)).toMatchObject({ model: "Claude 3 Haiku", tier: "standard" });
  expect(cur("USW2-MP:USW2_OutputTokenCount-Units", { line_item_product_code: "AmazonS3" })).toBeUndefined();
});

test.each([
  ["Claude4.6Sonnet", "anthropic.claude-sonnet-4-6-20260101-v1:0"],
  ["gpt 4o 0806", "gpt-4o-2024-08-06"],
  ["gpt 4o mini", "gpt-4o-mini"],
  ["GPT-4O-MINI", "gpt-4o-mini"],
  ["claude", "claude"],
  ["my-deployment", "gpt-4o-mini"],
])("billed as %s it is called %s", (billed, stored) => {
  const names = [
    "gpt-4o-2024-08-06",
    "gpt-4o-mini",
    "anthropic.claude-sonnet-4-6-20260101-v1:0",
    "anthropic.claude-opus-4-6-v1",
  ];
  expect(modelNames(names, [{ billed: "my-*", stored: "gpt-4o-mini" }])(billed)).toBe(stored);
});

test("a CSV of anybody, in the time zone that it is of; as CSV and as a table", async () => {
  const csv = file("bill.csv", "Day,Cost,Calls\r\n2026-10-05,0.01,3\r\n2026-10-06,0.0035,1\r\n");
  const args = ["--provider", "csv", "--file", csv, "--time-zone", "Europe/Berlin", "--to", "2026-10-08"];
  const { groups, code } = await run(...args);
  expect(groups).toMatchObject([
    // A cent that is rounded may be half a cent more.
    {
      day: "2026-10-05",
      model: "",
      stored: "0.007000000000",
      explanation: { rounding: "0.003000000000" },
      billed_calls: 3,
    },
    { day: "2026-10-06", difference: "0.000000000000" },
    { day: "2026-10-07", explanation: { not_billed: "-0.003500000000" } },
  ]);
  expect(code).toBe(1);
  const table = await runCommand(reconcileCommand, store, args);
  expect(table.lines.at(-1)).toMatch(/^ +-0\.003500000000 {2}not_billed: stored, and not on the bill$/);
  const asCsv = await runCommand(reconcileCommand, store, [...args, "--format", "csv"]);
  expect(asCsv.lines).toHaveLength(4);
  expect(asCsv.lines[1]).toBe("2026-10-05,,,,0.010000000000,0.007000000000,0.003000000000,3,2,0.003000000000,,,,,,,,,");
});

test.each([
  [["--provider", "google", "--file", "x"], "--provider: expected openai, anthropic, azure, bedrock, csv"],
  [["--provider", "openai"], "--file or --key-env: expected one of them"],
  [["--provider", "csv", "--key-env", "ADMIN_KEY"], "--key-env: expected a provider with an API"],
  [["--provider", "openai", "--key-env", "ADMIN_KEY"], "--from and --to: expected both"],
  [
    ["--provider", "azure", "--key-env", "PATH", "--from", "2026-10-05", "--to", "2026-10-06"],
    "--scope: expected whose costs",
  ],
  [["--provider", "openai", "--file", "/none"], "--file: /none cannot be read"],
  [["--provider", "openai", "--file", "/none", "--time-zone", "Berlin"], "--time-zone: expected an IANA name"],
  [["--provider", "openai", "--file", "/none", "--alias", "x"], "--alias: expected BILLED=STORED"],
])("what cannot be meant is refused: %j", async (args, message) => {
  await expect(runCommand(reconcileCommand, store, args)).rejects.toThrow(message);
});

test("a file that is not what the provider exports is said where", async () => {
  const args = ["--provider", "openai", "--file", file("wrong.json", { data: [{ results: [] }] })];
  await expect(runCommand(reconcileCommand, store, args)).rejects.toThrow(
    /wrong\.json: not what the provider exports, at data\.0\.start_time/,
  );
});

test.each([
  ["0.06", 0, "0.060000000000", "0.005000000000"],
  ["3", 0, "3.000000000000", "0.005000000000"],
  ["123.45", 2, "1.234500000000", "0.000050000000"],
  ["1.25e-7", 0, "0.000000125000", "0.000000000500"],
  ["-1,000.5", 0, "-1000.500000000000", "0.005000000000"],
  ["0.1234567890123456", 0, "0.123456789012", "0.000000000001"],
])("%s (of 10^-%i dollars) is %s, give or take %s", (text, scale, dollars, rounding) => {
  const amount = billedAmount(text, "line 1", scale);
  expect([formatDollars(amount.dollars), formatDollars(amount.rounding)]).toEqual([dollars, rounding]);
});

const money = fc.bigInt(0n, 10n ** 13n);
const costless = fc.record({ calls: fc.nat(3), estimate: money, unestimated: fc.nat(3) });
const pair: fc.Arbitrary<Pair> = fc.record({
  billed: fc.record({
    ...{
      dollars: fc.oneof(fc.constant(0n), money),
      rounding: fc.bigInt(0n, 10n ** 10n),
      calls: fc.option(fc.nat(9), { nil: undefined }),
    },
    ...{
      inputTokens: fc.option(fc.nat(2), { nil: undefined }),
      outputTokens: fc.option(fc.nat(2), { nil: undefined }),
    },
  }),
  stored: fc.record({
    ...{
      calls: fc.nat(3),
      pricedCalls: fc.nat(3),
      cost: fc.oneof(fc.constant(0n), money),
      inputTokens: fc.nat(2),
      outputTokens: fc.nat(2),
    },
    ...{ aborted: costless, failed: costless, unknownUsage: costless, unknownPrice: costless },
    ...{ beganBefore: money, endedAfter: money },
  }),
});

test("whatever the two sides say, the amounts add up to the whole difference", () => {
  const classes = new Set<string>();
  fc.assert(
    fc.property(fc.array(pair, { minLength: 1, maxLength: 3 }), (pairs) => {
      for (const [i, explanation] of explainTiers(pairs).entries()) {
        const { billed, stored } = pairs[i]!;
        const amounts = Object.entries(explanation);
        for (const [name] of amounts) classes.add(name);
        expect(amounts.reduce((sum, [, amount]) => sum + amount, 0n)).toBe(billed.dollars - stored.cost);
      }
    }),
    { numRuns: 1000 },
  );
  expect(classes.size).toBe(10);
});
