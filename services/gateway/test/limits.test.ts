import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { encodeJson } from "@spanhouse/schemas/otlp/json";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { GatewayLimits } from "../src/config.ts";
import { partialSuccessIn, statusIn } from "./answers.ts";
import { createFakePublisher, type FakePublisher, heldAnswer } from "./fake-publisher.ts";
import { request, span, spanIds, type TestGateway, testGateway, traceId } from "./test-gateway.ts";

const MiB = 1024 * 1024;
const gzip = { "content-encoding": "gzip" };

let publisher: FakePublisher;
let gateway: TestGateway;
beforeEach(() => {
  publisher = createFakePublisher();
});
afterEach(() => gateway.close());

async function start(limits: Partial<GatewayLimits> = {}): Promise<void> {
  gateway = await testGateway(publisher, { limits });
}

/** Sends raw bytes and returns everything that comes back until the server closes. */
function raw(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(gateway.port, "127.0.0.1", () => socket.write(bytes));
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(answer));
  });
}

/** A body that says how much of it was taken. */
function countedBody(totalBytes: number) {
  const counted = { taken: 0, stream: new ReadableStream<Uint8Array>() };
  counted.stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (counted.taken >= totalBytes) return controller.close();
      controller.enqueue(new Uint8Array(64 * 1024).fill(0x0a));
      counted.taken += 64 * 1024;
    },
  });
  return counted;
}

describe("sizes", () => {
  test("20 MB are taken, one byte more is not; the connection goes on", async () => {
    await start();
    const bytesWith = (text: number) => request(span(1, 1, 9_000_000), span(2, 2, 9_000_000), span(3, 3, text));
    const text = 2_500_000 + 20 * MiB - bytesWith(2_500_000).length;
    const largest = bytesWith(text);
    expect(largest.length).toBe(20 * MiB);
    expect((await gateway.post(largest)).status).toBe(200);
    expect(spanIds(publisher.records)).toHaveLength(3);
    const over = await gateway.post(bytesWith(text + 1));
    expect(over.status).toBe(413);
    expect(await statusIn(over)).toEqual({
      code: 3,
      message: `BODY_TOO_LARGE: the body is ${20 * MiB + 1} bytes; expected at most ${20 * MiB}`,
    });
    expect((await gateway.post(request(span(1, 1)))).status).toBe(200);
  });

  test("a body of unknown length is cut at the limit, and its sender told so", async () => {
    await start({ maxBodyBytes: MiB });
    const body = countedBody(4 * MiB);
    const response = await gateway.post(body.stream);
    expect(response.status).toBe(413);
    expect((await statusIn(response)).message).toMatch(/^BODY_TOO_LARGE: .* as sent$/);
  });

  test("a bomb is not inflated beyond the limit", async () => {
    await start({ maxInflatedBytes: 4 * MiB, maxInflightBytes: 6 * MiB });
    const member = gzipSync(Buffer.alloc(64 * MiB));
    const bomb = Buffer.concat(Array.from({ length: 16 }, () => member));
    expect(bomb.length).toBeLessThan(1.1 * MiB);
    const before = process.memoryUsage().rss;
    const response = await gateway.post(bomb, gzip);
    expect(response.status).toBe(413);
    expect((await statusIn(response)).message).toMatch(/^BODY_TOO_LARGE: .* when inflated$/);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * MiB);
    expect(await gateway.metric("spanhouse_gateway_inflight_bytes")).toBe(0);
  });

  test("JSON may not inflate beyond what it may be as sent", async () => {
    await start({ maxBodyBytes: 100_000 });
    const json = encodeJson({ resourceSpans: [{ scopeSpans: [{ spans: [span(1, 1, 200_000)] }] }] });
    const headers = { ...gzip, "content-type": "application/json" };
    expect((await gateway.post(gzipSync(json), headers)).status).toBe(413);
    expect((await gateway.post(gzipSync(request(span(1, 1, 200_000))), gzip)).status).toBe(200);
  });

  test("spans are counted before they are decoded", async () => {
    await start({ maxSpans: 3 });
    const spans = [1, 2, 3].map((n) => span(1, n));
    expect((await gateway.post(request(...spans))).status).toBe(200);
    const over = await gateway.post(request(...spans, span(2, 4)));
    expect(over.status).toBe(413);
    expect((await statusIn(over)).message).toBe("TOO_MANY_SPANS: the request has more than 3 spans");
    const twoByteSpans = Buffer.alloc(5_000_000, Buffer.from([0x12, 0]));
    const nested = [0x12, 0x0a].reduce<Buffer>((inner, tag) => {
      const length = [inner.length & 0x7f, (inner.length >> 7) & 0x7f, (inner.length >> 14) & 0x7f, inner.length >> 21];
      return Buffer.concat([Buffer.from([tag, ...length.map((byte, i) => (i < 3 ? byte | 0x80 : byte))]), inner]);
    }, twoByteSpans);
    expect((await gateway.post(nested)).status).toBe(413);
  });

  test("a trace larger than a record becomes several, a span larger than one is rejected", async () => {
    await start({ maxRecordBytes: 10_000 });
    const spans = [span(1, 1, 6_000), span(1, 2, 6_000), span(1, 3, 12_000), span(1, 4, 100), span(2, 5, 100)];
    const partial = await partialSuccessIn(await gateway.post(request(...spans)));
    expect(partial?.rejectedSpans).toBe(1);
    expect(partial?.errorMessage).toMatch(
      /^RECORD_TOO_LARGE: span 0{15}3 of trace 0{31}1 needs a record of 12\d\d\d bytes, expected at most 10000$/,
    );
    for (const { value } of publisher.records) expect(value.length).toBeLessThanOrEqual(10_000);
    const sent = publisher.records.map(({ key }, i) => [key, spanIds(publisher.records)[i]!.map(Number)]);
    expect(sent).toEqual([
      [traceId(1), [1]],
      [traceId(1), [2]],
      [traceId(1), [4]],
      [traceId(2), [5]],
    ]);
  });

  test("100,000 spans of one trace in one request are all taken", async () => {
    await start({ maxRecordBytes: 1_000_000 });
    const body = request(...Array.from({ length: 100_000 }, (_, n) => span(1, n + 1)));
    const response = await gateway.post(gzipSync(body, { level: 1 }), gzip);
    expect(response.status).toBe(200);
    expect(await partialSuccessIn(response)).toBeUndefined();
    expect(new Set(spanIds(publisher.records).flat()).size).toBe(100_000);
  });
});

describe("bytes in flight", () => {
  test("beyond the bound a request is refused before its body is read, until others are answered", async () => {
    await start({ maxInflightBytes: 250_000, maxInflatedBytes: 250_000 });
    const held = heldAnswer();
    publisher.answers.push(held.answer);
    const first = gateway.post(request(span(1, 1, 200_000)));
    await vi.waitFor(() => expect(publisher.records).toHaveLength(1));

    const second = await gateway.post(request(span(2, 2, 200_000)));
    expect([second.status, second.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(await statusIn(second)).toMatchObject({ code: 14, message: expect.stringMatching(/^BUS_UNAVAILABLE: /) });
    expect(await gateway.metric('spanhouse_gateway_body_bytes_total{state="sent"}')).toBeLessThan(210_000);

    // Small when sent, too large inflated.
    const third = await gateway.post(gzipSync(request(span(3, 3, 200_000))), gzip);
    expect([third.status, third.headers.get("retry-after")]).toEqual([503, "1"]);
    expect((await gateway.post(request(span(4, 4, 10_000)))).status).toBe(200);

    held.give({ kind: "acknowledged" });
    expect((await first).status).toBe(200);
    expect((await gateway.post(request(span(5, 5, 200_000)))).status).toBe(200);
    expect(publisher.records.map(({ key }) => key)).toEqual([1, 4, 5].map(traceId));
  });

  test("a client that goes away gives its bytes back", async () => {
    await start();
    const head = `POST /v1/traces HTTP/1.1\r\nhost: x\r\nx-api-key: ingest\r\ncontent-type: application/x-protobuf\r\n`;
    const socket = connect(gateway.port, "127.0.0.1", () => socket.write(`${head}content-length: 1000000\r\n\r\nabc`));
    const inflight = () => gateway.metric("spanhouse_gateway_inflight_bytes");
    await vi.waitFor(async () => expect(await inflight()).toBe(1_000_000));
    socket.destroy();
    await vi.waitFor(async () => expect(await inflight()).toBe(0));
    expect(publisher.records).toEqual([]);
  });
});

describe("slow and hostile connections", () => {
  test("headers that do not end are cut off", async () => {
    await start({ headersTimeoutMs: 100, requestTimeoutMs: 5_000 });
    expect(await raw("POST /v1/traces HTTP/1.1\r\nhost: x\r\n")).toMatch(/^HTTP\/1.1 408 /);
  });

  test("a body that does not end is cut off", async () => {
    await start({ headersTimeoutMs: 100, requestTimeoutMs: 200 });
    const head = "POST /v1/traces HTTP/1.1\r\nhost: x\r\nx-api-key: ingest\r\ncontent-type: application/x-protobuf\r\n";
    expect(await raw(`${head}content-length: 100\r\n\r\nabc`)).not.toContain("200 OK");
    expect(await gateway.metric("spanhouse_gateway_inflight_bytes")).toBe(0);
  });

  test("a flood of headers is refused", async () => {
    await start();
    const flood = "x-flood: 0123456789\r\n".repeat(2_000);
    expect(await raw(`POST /v1/traces HTTP/1.1\r\nhost: x\r\n${flood}\r\n`)).toMatch(/^HTTP\/1.1 431 /);
  });

  test("connections beyond the limit are closed", async () => {
    await start({ maxConnections: 1 });
    const first = connect(gateway.port, "127.0.0.1");
    await new Promise((resolve) => first.once("connect", resolve));
    expect(await raw("GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n")).toBe("");
    first.destroy();
  });
});
