import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { chat, request, span } from "../../consumer/test/pipeline/spans.ts";
import { grpcCaller } from "../../gateway/test/grpc-call.ts";
import { keys } from "../src/commands/keys.ts";
import { type BuiltProcess, spanhouse } from "./built-process.ts";

/** All services in one process, telling everything that they would ever tell. */
let running: BuiltProcess;
let dataDir: string;
let receiver: Server;

const secrets = {
  unknownKey: `sh_r_${"U".repeat(43)}`,
  cookie: "the-cookie-of-somebody",
  text: "a private text of somebody",
  webhook: "the-secret-of-the-webhook",
  providerKey: "sk-live-000000000000000000000000",
};

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "spanhouse secrets "));
  // Takes nothing: what goes wrong is what is logged.
  receiver = createServer((_, response) => {
    response.writeHead(500).end(secrets.text);
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const { port } = receiver.address() as AddressInfo;
  const alertsFile = join(dataDir, "alerts.yaml");
  writeFileSync(
    alertsFile,
    JSON.stringify({
      receivers: [
        {
          name: "hook",
          webhook: { url: `http://127.0.0.1:${port}/${secrets.webhook}`, secret: secrets.webhook, allow_private: true },
        },
      ],
      rules: [],
    }),
  );
  running = spanhouse(["start", "--data", dataDir], {
    ...{ SPANHOUSE_GATEWAY_PORT: "0", SPANHOUSE_GATEWAY_GRPC_PORT: "0", SPANHOUSE_QUERY_PORT: "0" },
    ...{ SPANHOUSE_LOG_LEVEL: "debug", SPANHOUSE_ALERTS_FILE: alertsFile },
    SPANHOUSE_SUGGEST_URL: `http://127.0.0.1:${port}/v1`,
    ...{ SPANHOUSE_SUGGEST_MODEL: "model", SPANHOUSE_SUGGEST_KEY: secrets.providerKey },
  });
});
afterAll(async () => {
  running.signalGroup("SIGKILL");
  await running.ended;
  receiver.close();
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

test("no service logs a key, a cookie, a secret or a text, wherever it comes", async () => {
  const [, gateway = ""] = await running.says(/OTLP\/HTTP +(http:\S+)\/v1\/traces/);
  const [, query = ""] = await running.says(/Query API +(http:\S+)\/v1\/traces/);
  const [, grpcAddress = ""] = await running.says(/OTLP\/gRPC +(\S+)/);
  const lines: string[] = [];
  const context = { environment: {}, signal: new AbortController().signal, print: (line: string) => lines.push(line) };
  await keys.run(["create", "--project", "shop", "--data", dataDir, "--label", "known", "--json"], context);
  const knownKey = /"key":"([^"]+)"/.exec(lines.join(""))![1]!;
  const allKeys = [knownKey, secrets.unknownKey];
  const body = encodeTraces(
    request(span(1, 1, undefined, { ...chat(1000, 100), "app.text": secrets.text }), {
      ...span(1, 2, 1, chat(1000, 100)),
      name: secrets.text,
    }),
  );

  for (const key of allKeys) {
    const headers = { authorization: `Bearer ${key}`, cookie: `session=${secrets.cookie}` };
    const types = ["application/x-protobuf", "application/json", "text/plain"];
    for (const type of types) {
      await fetch(`${gateway}/v1/traces?key=${key}`, {
        method: "POST",
        headers: { ...headers, "content-type": type },
        body,
      });
      await fetch(`${gateway}/v1/scores?key=${key}`, {
        method: "POST",
        headers: { ...headers, "content-type": type },
        body: JSON.stringify({ trace_id: "x", name: secrets.text, value: key }),
      });
    }
    const paths = ["/v1/traces", "/v1/metrics", "/v1/session", "/v1/usage", "/nowhere", `/v1/traces/${secrets.text}`];
    for (const path of paths) {
      for (const method of ["GET", "POST"]) {
        await fetch(`${query}${path}?text=${encodeURIComponent(secrets.text)}&api_key=${key}&filter=${key}`, {
          ...{ method, headers: { ...headers, "content-type": "application/json" } },
          ...(method === "POST" && { body: `{"key": "${key}", "text": "${secrets.text}"` }),
        });
      }
    }
    const grpc = grpcCaller(Number(grpcAddress.split(":")[1]));
    await grpc.export(body, { authorization: `Bearer ${key}` });
    await grpc.export(Buffer.from(secrets.text), { "x-api-key": key });
    grpc.close();
  }
  // Of a call that was taken, a proposal is asked for: the operator's model answers with an error.
  await vi.waitFor(async () => {
    const trace = await fetch(`${query}/v1/traces/${span(1, 1, undefined, {}).traceId}`, {
      headers: { authorization: `Bearer ${knownKey}` },
    });
    expect(trace.status).toBe(200);
  });
  running.signalGroup("SIGTERM");
  expect(await running.ended).toBe(0);
  const output = running.output();
  expect(output).toContain("Stopping");
  for (const secret of [...allKeys, ...Object.values(secrets)]) expect(output).not.toContain(secret);
}, 60_000);
