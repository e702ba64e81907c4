import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import { installationOf } from "@spanhouse/schemas/own-telemetry";
import { freePort } from "@spanhouse/store/server/embedded-server";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { chat, request, span } from "../../consumer/test/pipeline/spans.ts";
import { type BuiltProcess, spanhouse } from "./built-process.ts";
import { queryClient } from "./query-client.ts";

let dataDir: string;
let running: BuiltProcess | undefined;
let sink: Server;
const received: Buffer[] = [];

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "spanhouse tracing "));
  sink = createServer(async (incoming, response) => {
    received.push(await buffer(incoming));
    response.writeHead(200, { "content-type": "application/x-protobuf" }).end();
  });
  await new Promise<void>((resolve) => sink.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  running?.signalGroup("SIGKILL");
  await running?.ended;
  sink.close();
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

const gatewayPort = await freePort();
const gatewayUrl = `http://127.0.0.1:${gatewayPort}`;

async function start(environment: Readonly<Record<string, string>>) {
  running = spanhouse(["start", "--data", dataDir], {
    ...{ SPANHOUSE_GATEWAY_PORT: String(gatewayPort), SPANHOUSE_GATEWAY_GRPC_PORT: "0", SPANHOUSE_QUERY_PORT: "0" },
    ...{ OTEL_BSP_SCHEDULE_DELAY: "100", ...environment },
  });
  const [, queryUrl = ""] = await running.says(/Query API +(http:\S+)\/v1\/traces/);
  const [, apiKey = ""] = await running.says(/API key +(\S+)\n/);
  const send = async (trace: number) => {
    const body = encodeTraces(request(span(trace, 1, undefined, chat(1000, 100))));
    const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/x-protobuf" };
    expect((await fetch(`${gatewayUrl}/v1/traces`, { method: "POST", headers, body })).status).toBe(200);
  };
  return { process: running, apiKey, send, query: queryClient(queryUrl, apiKey) };
}

/** Of the spans in `spans.ts`. */
const range = { from: "2026-10-05T00:00:00Z", to: "2026-10-06T00:00:00Z" };
let apiKey: string;

test("tells another endpoint what its services do, without keys and texts", async () => {
  const { address, port } = sink.address() as AddressInfo;
  const started = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://${address}:${port}` });
  apiKey = started.apiKey;
  await started.send(1);
  expect(await started.query.traces(range)).toHaveLength(1);
  const spans = () =>
    received.flatMap((bytes) => {
      const decoded = decodeTraces(bytes);
      return decoded.kind === "decoded" ? decoded.traces.spans : [];
    });
  await vi.waitFor(
    () => {
      const names = new Set(spans().map(({ name }) => name));
      for (const name of ["take spans", "store batch", "roll", "INSERT spans", "GET /v1/traces", "SELECT traces"])
        expect(names).toContain(name);
    },
    { timeout: 20_000, interval: 100 },
  );
  const [store] = spans().filter(({ name }) => name === "store batch");
  expect(spans().some(({ parentSpanId, name }) => parentSpanId === store!.spanId && name === "INSERT spans")).toBe(
    true,
  );
  expect(new Set(spans().map(({ resource }) => installationOf(resource))).size).toBe(1);
  for (const secret of [apiKey, "You are", "gpt-4o"]) expect(Buffer.concat(received).includes(secret)).toBe(false);
  started.process.signalGroup("SIGTERM");
  await started.process.ended;
}, 60_000);

test("an endpoint that is itself refuses once, is told of once, and nothing goes round", async () => {
  const started = await start({
    OTEL_EXPORTER_OTLP_ENDPOINT: gatewayUrl,
    OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${apiKey}`,
  });
  const refusals = async () => {
    const metrics = await (await fetch(`${gatewayUrl}/metrics`)).text();
    return Number(/requests_total\{[^}]*code="OWN_TELEMETRY"[^}]*\} (\d+)/.exec(metrics)?.[1] ?? 0);
  };
  // A gateway asks in the background which Spanhouse it is: it is asked once before there is anything to tell.
  await started.send(2);
  await vi.waitFor(
    async () => {
      await started.send(3);
      expect(await refusals()).toBe(1);
    },
    { timeout: 30_000, interval: 200 },
  );
  await vi.waitFor(() =>
    expect(started.process.output()).toContain(
      "tracing is off: the endpoint of OTEL_EXPORTER_OTLP_ENDPOINT is this Spanhouse itself",
    ),
  );
  for (const trace of [4, 5, 6]) await started.send(trace);
  expect(await started.query.traces(range)).toHaveLength(6);
  expect(await refusals()).toBe(1);
  const recent = await started.query.traces({ from: new Date(Date.now() - 3_600_000).toISOString() });
  expect(recent.map(({ name }) => name)).toEqual([]);
  started.process.signalGroup("SIGTERM");
  await started.process.ended;
}, 90_000);
