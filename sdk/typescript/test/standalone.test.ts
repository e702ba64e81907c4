import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import { type ProviderSimulator, startProviderSimulator } from "@spanhouse/conformance/provider-simulator";
import { scriptHeader } from "@spanhouse/conformance/script";
import OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BuiltProcess, runBuilt } from "../../../services/standalone/test/built-process.ts";
import { queryClient } from "../../../services/standalone/test/query-client.ts";
import { outline } from "../../../services/standalone/test/served-calls.ts";
import { init, score, shutdown, tool, trace, wrapAnthropic, wrapOpenAI } from "../src/spanhouse.ts";

/** The whole way: real clients, the SDK, the built standalone, the query API. */
let dataDir: string;
let standalone: BuiltProcess;
let simulator: ProviderSimulator;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "spanhouse sdk "));
  simulator = await startProviderSimulator();
  standalone = runBuilt("services/standalone/dist/main.js", ["start", "--data", dataDir], {
    SPANHOUSE_GATEWAY_PORT: "0",
    SPANHOUSE_GATEWAY_GRPC_PORT: "0",
    SPANHOUSE_QUERY_PORT: "0",
  });
});
afterAll(async () => {
  standalone.signalGroup("SIGKILL");
  await Promise.all([standalone.ended, simulator.stop()]);
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

const scripted = (script: string) => ({ headers: { "x-simulator-script": scriptHeader(script) } });

/** The SDK as it is set up for the standalone, clients of it, and who asks the standalone. */
const connected = async () => {
  const [, queryUrl = ""] = await standalone.says(/Query API +(http:\S+)\/v1\/traces/);
  const [, url = ""] = await standalone.says(/OTLP\/HTTP +(http:\S+)\/v1\/traces/);
  const [, apiKey = ""] = await standalone.says(/API key +(\S+)\n/);
  init({ url, apiKey, service: "shop", environment: "test" });
  return {
    openai: wrapOpenAI(new OpenAI({ apiKey: "sk-conformance-0001", baseURL: `${simulator.url}/v1` })),
    anthropic: wrapAnthropic(new Anthropic({ apiKey: "sk-conformance-0001", baseURL: simulator.url })),
    query: queryClient(queryUrl, apiKey),
  };
};

test("what a program does arrives nested, priced and classified, to the byte", async () => {
  const { openai, anthropic, query } = await connected();
  const messages = [{ role: "user" as const, content: "Where is my parcel?" }];

  const traceId = await trace("handle message", { userId: "u-1", feature: "help" }, async (root) => {
    await openai.chat.completions.create(
      { model: "gpt-4o", messages },
      scripted("[[429 retry-after=0 times=1]][[cache read=64]]"),
    );
    await tool("lookup", async (id: string) => ({ id, place: "Graz" }))("A-1");
    const stream = await anthropic.messages.create(
      { model: "claude-sonnet-4-0", max_tokens: 200, messages, stream: true },
      scripted("[[refuse I can't help with that.]]"),
    );
    for await (const _event of stream);
    score("helpful", false, { comment: "no" });
    return root.traceId;
  });
  expect(await shutdown()).toMatchObject({ dropped: 0, pending: 0 });

  await expect.poll(async () => (await query.traces()).length, { timeout: 20_000 }).toBe(1);
  const [summary] = await query.traces();
  expect(summary).toMatchObject({ trace_id: traceId, user_id: "u-1" });
  const { spans } = await query.trace(traceId);
  expect(outline(spans)).toEqual([
    "handle message",
    "  chat claude-sonnet-4-0",
    "  chat gpt-4o",
    "    attempt 1",
    "    attempt 2",
    "  execute_tool lookup",
  ]);
  expect(spans.map(({ name, outcome }) => [name, outcome])).toContainEqual(["chat claude-sonnet-4-0", "refused"]);
  expect(Number(summary?.cost)).toBeGreaterThan(0);
  const truth = simulator.requests().flatMap(({ usage }) => usage ?? []);
  const total = (of: (usage: (typeof truth)[number]) => number) => truth.reduce((sum, usage) => sum + of(usage), 0);
  expect(summary).toMatchObject({
    input_tokens: total(({ inputTokens }) => inputTokens),
    output_tokens: total(({ outputTokens }) => outputTokens),
  });
}, 60_000);

test("results of batches are priced at the batch's rate, and once, however often they are read", async () => {
  const { openai, anthropic, query } = await connected();
  await openai.batches.retrieve("batch_1");
  for (let reading = 0; reading < 2; reading++) {
    await openai.files.content("file-out").then((file) => file.text());
    await anthropic.messages.batches.retrieve("msgbatch_1");
    for await (const _result of await anthropic.messages.batches.results("msgbatch_1"));
  }
  expect(await shutdown()).toMatchObject({ dropped: 0, pending: 0 });

  const costOf = async (results: string) => {
    const traceId = createHash("sha256").update(`spanhouse batch ${results}`).digest("hex").slice(0, 32);
    const { trace: summary, spans } = await query.trace(traceId);
    return [summary.cost, spans.length];
  };
  // Half of $2.50 and $10.00 a million tokens for 20 in and 5 out; half of $3.00, $0.30 cached, $15.00 for 20, 4 and 5.
  await expect.poll(() => costOf("openai file-out").catch(String), { timeout: 20_000 }).toEqual(["0.000050000000", 3]);
  await expect
    .poll(() => costOf("anthropic msgbatch_1").catch(String), { timeout: 20_000 })
    .toEqual(["0.000068100000", 4]);
}, 60_000);
