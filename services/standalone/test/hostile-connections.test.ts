import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { type AddressInfo, connect } from "node:net";
import { gzipSync } from "node:zlib";
import { createHealthServer as createAlertsHealth } from "@spanhouse/alerts/health-server";
import { createHealthServer as createConsumerHealth } from "@spanhouse/consumer/health-server";
import { createMetricsServer } from "@spanhouse/gateway/metrics-server";
import { createQueryApi } from "@spanhouse/query/app";
import { createQueryMetrics } from "@spanhouse/query/metrics";
import type { ConnectionLimits } from "@spanhouse/schemas/connection-limits";
import { createClickHouse } from "@spanhouse/store/clickhouse";
import { defaultReadLimits } from "@spanhouse/store/readers/project-reader";
import { untraced } from "@spanhouse/tracing/tracing";
import { pino } from "pino";
import { Registry } from "prom-client";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createFakePublisher } from "../../gateway/test/fake-publisher.ts";
import { type TestGateway, testGateway } from "../../gateway/test/test-gateway.ts";

/** Every port that a service of ours listens on, with times that a test can wait for. */
const limits: ConnectionLimits = {
  headersTimeoutMs: 200,
  requestTimeoutMs: 400,
  maxHeaderBytes: 16 * 1024,
  maxConnections: 50,
};
const MiB = 1024 * 1024;
const ready = async () => true;
/** A store that is not there: nothing that strangers send may get as far. */
const clickhouse = createClickHouse({ url: "http://127.0.0.1:9", database: "none" });

const bomb = gzipSync(Buffer.alloc(96 * MiB));
let gateway: TestGateway;
const ports: Record<string, number> = {};
const closings: (() => unknown)[] = [];

beforeAll(async () => {
  gateway = await testGateway(createFakePublisher(), { limits: { ...limits, grpcIdleMs: 300 } });
  const query = createQueryApi({
    clickhouse,
    keys: { authenticate: async (key) => ({ kind: key === undefined ? "missing" : "unknown" }) },
    limits: defaultReadLimits,
    metrics: createQueryMetrics(new Registry()),
    tracer: untraced(),
    log: pino({ level: "silent" }),
    connections: limits,
    admin: { clickhouse, operatorProject: "default", previewPrices: async () => [] },
  });
  const consumer = createConsumerHealth(new Registry(), ready, limits);
  const alerts = createAlertsHealth(new Registry(), ready, limits).listen(0, "127.0.0.1");
  const metrics = createMetricsServer(new Registry(), limits).listen(0, "127.0.0.1");
  for (const fastify of [query, consumer]) await fastify.listen({ host: "127.0.0.1", port: 0 });
  await Promise.all([alerts, metrics].map((server) => server.listening || once(server, "listening")));
  const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;
  Object.assign(ports, {
    gateway: gateway.port,
    "gateway's metrics": portOf(metrics),
    query: portOf(query.server),
    consumer: portOf(consumer.server),
    alerts: portOf(alerts),
  });
  closings.push(
    () => gateway.close(),
    () => query.close(),
    () => consumer.close(),
    () => alerts.close(),
    () => metrics.close(),
    () => clickhouse.close(),
  );
});
afterAll(() => Promise.all(closings.map((close) => close())));

/** What comes back until the server closes; `more` is sent again and again until then. */
function converse(port: number, bytes: string, more?: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    const drip = more === undefined ? undefined : setInterval(() => socket.write(more), 20);
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      clearInterval(drip);
      resolve(answer);
    });
  });
}

describe.each(["gateway", "gateway's metrics", "query", "consumer", "alerts"])("the port of: %s", (name) => {
  const answersStill = async () => {
    const answer = await fetch(`http://127.0.0.1:${ports[name]}/health/live`);
    expect([200, 404]).toContain(answer.status);
  };

  test("headers that drip in are cut off, however steadily", async () => {
    const slow = await Promise.all(
      Array.from({ length: 10 }, () =>
        converse(ports[name]!, "GET /health/live HTTP/1.1\r\nhost: x\r\n", "x-a: b\r\n"),
      ),
    );
    for (const answer of slow) expect(answer).not.toContain("200 OK");
    await answersStill();
  });

  test("a connection that says nothing is closed", async () => {
    expect(await converse(ports[name]!, "")).not.toContain("200 OK");
    await answersStill();
  });

  test("a body that drips in is cut off", async () => {
    const head = "POST /v1/traces HTTP/1.1\r\nhost: x\r\nx-api-key: ingest\r\ncontent-type: application/json\r\n";
    expect(await converse(ports[name]!, `${head}content-length: 100000\r\n\r\n{`, " ")).not.toContain("200 OK");
    await answersStill();
  });

  test("a flood of headers, of many or of large ones, is refused", async () => {
    for (const flood of ["x-flood: 0123456789\r\n".repeat(5_000), `x-flood: ${"0".repeat(100_000)}\r\n`]) {
      const answer = await converse(ports[name]!, `GET /health/live HTTP/1.1\r\nhost: x\r\n${flood}\r\n`);
      expect(answer).toMatch(/^(HTTP\/1.1 431 |$)/);
    }
    await answersStill();
  });

  test("a compressed bomb is never inflated", async () => {
    const before = process.memoryUsage().rss;
    for (const type of ["application/json", "application/x-protobuf"]) {
      const answer = await fetch(`http://127.0.0.1:${ports[name]}/v1/traces`, {
        method: "POST",
        headers: { "content-type": type, "content-encoding": "gzip", "x-api-key": "ingest" },
        body: bomb,
      }).catch(() => undefined);
      expect(answer?.status ?? 400).toBeGreaterThanOrEqual(400);
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * MiB);
    await answersStill();
  });

  test("connections beyond the bound are closed, and those within it go on when they are gone", async () => {
    const idle = Array.from({ length: 60 }, () =>
      connect(ports[name]!, "127.0.0.1")
        .on("error", () => {})
        .resume(),
    );
    await Promise.all(idle.map((socket) => once(socket, "close")));
    await answersStill();
  });
});

describe("the port of gRPC", () => {
  const call = (headers: Record<string, string>) =>
    new Promise<string>((resolve) => {
      const session = connectHttp2(`http://127.0.0.1:${gateway.grpcPort}`);
      const end = (how: string) => {
        session.destroy();
        resolve(how);
      };
      session.on("error", (error) => end(`session: ${error.message}`));
      session.on("close", () => end("closed"));
      const request = session.request({
        ":method": "POST",
        ":path": "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
        "content-type": "application/grpc",
        ...headers,
      });
      request.on("error", (error) => end(`stream: ${error.message}`));
      request.on("response", (answer) => end(`status ${answer["grpc-status"]}`));
    });

  test("a connection that says nothing, or half of a preface, is closed", async () => {
    await converse(gateway.grpcPort, "");
    await converse(gateway.grpcPort, "PRI * HTTP/2.0\r\n");
  });

  test("a flood of headers ends the call or the connection; others go on", async () => {
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`x-flood-${i}`, "0123456789"]));
    expect(await call(many)).not.toBe("status 0");
    expect(await call({ "x-flood": "0".repeat(200_000) })).not.toBe("status 0");
    await vi.waitFor(async () => expect(await call({})).toBe("status 16"));
  });
});
