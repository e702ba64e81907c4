import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ListeningReceiver, secret, startReceiver } from "../../alerts/test/listening-receiver.ts";
import { attributes, chat, span } from "../../consumer/test/pipeline/spans.ts";
import { type BuiltProcess, spanhouse } from "./built-process.ts";
import { queryClient } from "./query-client.ts";

let dataDir: string;
let receiver: ListeningReceiver;
let running: BuiltProcess;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "spanhouse alerts "));
  receiver = await startReceiver(() => Date.now() / 1000);
  const file = join(dataDir, "alerts.yaml");
  writeFileSync(
    file,
    JSON.stringify({
      receivers: [{ name: "hook", webhook: { url: receiver.url, secret, allow_private: true } }],
      rules: [
        {
          ...{ project: "default", name: "refusals", signal: "refusal_rate", group_by: ["service"], window: "2m" },
          condition: { kind: "static", above: 0.3 },
        },
      ],
    }),
  );
  running = spanhouse(["start", "--data", dataDir, "--demo"], {
    ...{ SPANHOUSE_GATEWAY_PORT: "0", SPANHOUSE_GATEWAY_GRPC_PORT: "0", SPANHOUSE_QUERY_PORT: "0" },
    ...{ SPANHOUSE_ALERTS_FILE: file, SPANHOUSE_LOG_LEVEL: "error" },
  });
});

afterAll(async () => {
  running.signalGroup("SIGINT");
  expect(await running.ended, running.output()).toBe(0);
  await receiver.close();
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

/** Forty calls that end now, each a trace of its own, all of them refused. */
function refusals(): Uint8Array {
  const now = BigInt(Date.now()) * 1_000_000n;
  const spans = Array.from({ length: 40 }, (_, i) => {
    const values = { ...chat(1000, 10), "spanhouse.refusal": "I can't help with that." };
    const traceId = now.toString(16).padStart(28, "0") + i.toString(16).padStart(4, "0");
    const times = { startTimeUnixNano: now - 1_000_000_000n, endTimeUnixNano: now };
    return span(1, 1, undefined, values, 0n, { traceId, ...times });
  });
  const resource = { attributes: attributes({ "service.name": "checkout" }) };
  return encodeTraces({ resourceSpans: [{ resource, scopeSpans: [{ scope: { name: "test" }, spans }] }] });
}

test("demonstration traffic, a wave of refusals: within three minutes an alert whose link opens a refused trace", async () => {
  const [, queryUrl = ""] = await running.says(/Query API +(http:\S+)\/v1\/traces/);
  const [, gatewayUrl = ""] = await running.says(/OTLP\/HTTP +(http:\S+)\/v1\/traces/);
  const [, apiKey = ""] = await running.says(/API key +(\S+)\n/);
  await running.says(/Its first trace/);
  const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/x-protobuf" };
  const body = Buffer.from(refusals());
  expect((await fetch(`${gatewayUrl}/v1/traces`, { method: "POST", headers, body })).status).toBe(200);
  await expect.poll(() => receiver.told().length, { timeout: 180_000, interval: 1000 }).toBe(1);
  const [told] = receiver.told();
  expect(told).toMatchObject({ rule: "refusals", group: { service: "checkout" }, value: 1, settled: true });
  expect(told!.traces).toHaveLength(3);
  const { url } = told!.traces[0]!;
  const [, viewer = "", traceId = ""] = /^(http:.*)\/traces\/([0-9a-f]{32})$/.exec(url ?? "") ?? [];
  expect(viewer).toBe(queryUrl);
  // The viewer's page, and what it asks for.
  expect((await fetch(url!)).status).toBe(200);
  const { trace } = await queryClient(queryUrl, apiKey).trace(traceId);
  expect(trace).toMatchObject({ outcome: "refused", services: ["checkout"], message: "I can't help with that." });
  const asked = await fetch(`${queryUrl}/v1/alerts?state=firing`, { headers });
  expect(await asked.json()).toMatchObject({
    episodes: [{ rule: "refusals", episode: told!.episode, notifications: [{ receiver: "hook", event: "firing" }] }],
  });
  expect(await (await fetch(`${queryUrl}/metrics`)).text()).toContain("spanhouse_alerts_firing");
}, 300_000);
