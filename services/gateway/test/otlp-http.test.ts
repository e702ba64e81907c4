import { gzipSync } from "node:zlib";
import { encodeJson } from "@spanhouse/schemas/otlp/json";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { partialSuccessIn, statusIn } from "./answers.ts";
import { createFakePublisher } from "./fake-publisher.ts";
import { request, span, spanIds, type TestGateway, testGateway, traceId } from "./test-gateway.ts";

const publisher = createFakePublisher();
let gateway: TestGateway;
beforeAll(async () => {
  gateway = await testGateway(publisher);
});
afterAll(() => gateway.close());
beforeEach(() => {
  publisher.records.length = 0;
});

const json = { "content-type": "application/json" };
const oneJson = encodeJson({ resourceSpans: [{ scopeSpans: [{ spans: [span(1, 1)] }] }] });

describe("accepted", () => {
  test("one record a trace, keyed by its id, with project and content type", async () => {
    const response = await gateway.post(request(span(1, 1), span(2, 2), span(1, 3)));
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/x-protobuf");
    expect(await response.arrayBuffer()).toHaveProperty("byteLength", 0);
    expect(publisher.records.map(({ key }) => key)).toEqual([traceId(1), traceId(2)]);
    expect(spanIds(publisher.records)).toEqual([["0000000000000001", "0000000000000003"], ["0000000000000002"]]);
    for (const { headers } of publisher.records) {
      expect(headers).toEqual({ "content-type": "application/x-protobuf", "spanhouse-project": "shop" });
    }
  });

  test("JSON, published as protobuf and answered as JSON", async () => {
    const response = await gateway.post(oneJson, { "content-type": "Application/JSON; charset=utf-8" });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.text()).toBe("{}");
    expect(spanIds(publisher.records)).toEqual([["0000000000000001"]]);
    expect(publisher.records[0]?.headers["content-type"]).toBe("application/x-protobuf");
  });

  test.each(["gzip", "x-gzip", "GZIP"])("%s", async (encoding) => {
    const body = gzipSync(request(span(1, 1, 300_000), span(2, 2, 300_000)));
    expect((await gateway.post(body, { "content-encoding": encoding })).status).toBe(200);
    expect(spanIds(publisher.records)).toEqual([["0000000000000001"], ["0000000000000002"]]);
  });

  test("gzip of several members, and JSON in gzip", async () => {
    const body = request(span(1, 1, 1000));
    const members = Buffer.concat([gzipSync(body.subarray(0, 500)), gzipSync(body.subarray(500))]);
    expect((await gateway.post(members, { "content-encoding": "gzip" })).status).toBe(200);
    expect((await gateway.post(gzipSync(oneJson), { ...json, "content-encoding": "gzip" })).status).toBe(200);
    expect(spanIds(publisher.records)).toEqual([["0000000000000001"], ["0000000000000001"]]);
  });

  test("a body of unknown length, in chunks", async () => {
    const body = request(span(1, 1, 200_000));
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let at = 0; at < body.length; at += 50_000) controller.enqueue(body.subarray(at, at + 50_000));
        controller.close();
      },
    });
    expect((await gateway.post(stream)).status).toBe(200);
    expect(spanIds(publisher.records)).toEqual([["0000000000000001"]]);
  });

  test("nothing to publish is a success: 0 bytes of protobuf, no spans", async () => {
    for (const response of [
      await gateway.post(""),
      await gateway.post(request()),
      await gateway.post("{}", json),
      await gateway.post('{"resourceSpans":[]}', json),
    ]) {
      expect(response.status).toBe(200);
      expect(await partialSuccessIn(response)).toBeUndefined();
    }
    expect(publisher.records).toEqual([]);
  });

  test("open and closing spans pass as any other", async () => {
    const open = { ...span(1, 1), endTimeUnixNano: 0n };
    const marks = [{ key: "spanhouse.open", value: { type: "bool", value: true } }] as const;
    const close = { ...span(2, 2), name: "spanhouse.close" };
    expect((await gateway.post(request({ ...open, attributes: marks }, close))).status).toBe(200);
    expect(publisher.records).toHaveLength(2);
  });

  test("invalid UTF-8 in a text passes byte for byte", async () => {
    const body = request(span(1, 1, 5));
    const at = Buffer.from(body).indexOf("xxxxx");
    body.set([0xff, 0xfe, 0xc0, 0x80, 0xed], at);
    expect((await gateway.post(body)).status).toBe(200);
    expect(Buffer.from(publisher.records[0]!.value).equals(Buffer.from(body))).toBe(true);
  });
});

describe("partial success", () => {
  const bad = [
    { ...span(1, 1), traceId: traceId(0) },
    { ...span(1, 1), spanId: "0".repeat(16) },
    { ...span(1, 1), traceId: "abcd" },
    { ...span(1, 1), spanId: "" },
  ];

  test.each(["protobuf", "json"])("spans with ids that are none are counted, the others go on: %s", async (format) => {
    const spans = [bad[0]!, span(1, 1), bad[1]!, bad[2]!, span(2, 2), bad[3]!];
    const response =
      format === "protobuf"
        ? await gateway.post(request(...spans))
        : await gateway.post(encodeJson({ resourceSpans: [{ scopeSpans: [{ spans }] }] }), json);
    expect(response.status).toBe(200);
    const partial = await partialSuccessIn(response);
    expect(partial?.rejectedSpans).toBe(4);
    expect(partial?.errorMessage).toMatch(/^OTLP_TRACE_ID: span 0: .*; OTLP_SPAN_ID: span 2: /);
    expect(spanIds(publisher.records)).toEqual([["0000000000000001"], ["0000000000000002"]]);
  });

  test("a request of nothing else publishes nothing", async () => {
    const response = await gateway.post(request(...bad));
    expect([response.status, (await partialSuccessIn(response))?.rejectedSpans]).toEqual([200, 4]);
    expect(publisher.records).toEqual([]);
  });

  test("thousands of reasons make a short message", async () => {
    const response = await gateway.post(request(...Array.from({ length: 5_000 }, () => bad[0]!)));
    const partial = await partialSuccessIn(response);
    expect(partial?.rejectedSpans).toBe(5_000);
    expect(partial?.errorMessage.length).toBeLessThan(1_000);
  });

  test("records that the bus refuses for good", async () => {
    publisher.answers.push({ kind: "rejected", indexes: [1], message: "larger than 1 MB" });
    const response = await gateway.post(request(span(1, 1), span(2, 2), span(2, 3)));
    expect(await partialSuccessIn(response)).toEqual({
      rejectedSpans: 2,
      errorMessage: "RECORD_TOO_LARGE: larger than 1 MB",
    });
  });
});

describe("refused", () => {
  const whole = request(span(1, 1, 100));

  test.each([
    ["cut protobuf", whole.subarray(0, whole.length - 7), {}, 400, 3, "OTLP_TRUNCATED"],
    ["no protobuf", "hello, world", {}, 400, 3, "OTLP_"],
    ["JSON sent as protobuf", oneJson, {}, 400, 3, "OTLP_"],
    ["cut JSON", oneJson.slice(0, -3), json, 400, 3, "OTLP_JSON"],
    ["0 bytes of JSON", "", json, 400, 3, "OTLP_EMPTY"],
    ["a JSON array", "[]", json, 400, 3, "OTLP_JSON"],
    ["a number for a name", oneJson.replace('"span 1"', "1"), json, 400, 3, "OTLP_JSON"],
    ["an object for a list", '{"resourceSpans":{}}', json, 400, 3, "OTLP_JSON"],
    ["JSON that is not UTF-8", Buffer.from('{"resourceSpans":[],"\xff":1}', "latin1"), json, 400, 3, "OTLP_JSON"],
    ["no content type", whole, { "content-type": "" }, 415, 3, "CONTENT_TYPE"],
    ["another content type", whole, { "content-type": "text/plain" }, 415, 3, "CONTENT_TYPE"],
    ["a content type that is none", whole, { "content-type": "protobuf" }, 415, 3, "CONTENT_TYPE"],
    ["another encoding", whole, { "content-encoding": "br" }, 415, 3, "CONTENT_ENCODING"],
    ["gzip that is none", whole, { "content-encoding": "gzip" }, 415, 3, "CONTENT_ENCODING"],
    [
      "gzip that ends early",
      gzipSync(whole).subarray(0, 30),
      { "content-encoding": "gzip" },
      415,
      3,
      "CONTENT_ENCODING",
    ],
    ["gzip of 0 bytes", "", { "content-encoding": "gzip" }, 415, 3, "CONTENT_ENCODING"],
    ["no key", whole, { "x-api-key": "" }, 401, 16, "KEY_"],
    ["an unknown key", whole, { "x-api-key": "made up" }, 401, 16, "KEY_UNKNOWN"],
    ["a key that may only read", whole, { "x-api-key": "read" }, 403, 7, "KEY_SCOPE"],
  ])("%s", async (_, body, headers, status, rpcCode, code) => {
    const response = await gateway.post(body, headers);
    expect(response.status).toBe(status);
    const sent = (headers as Record<string, string>)["content-type"] ?? "application/x-protobuf";
    const known = sent === "application/x-protobuf" ? sent : "application/json";
    expect(response.headers.get("content-type")).toBe(known);
    const answer = await statusIn(response);
    expect(answer.code).toBe(rpcCode);
    expect(answer.message).toMatch(new RegExp(`^${code}\\w*: .`));
    expect(publisher.records).toEqual([]);
  });

  test("the key may stand in either header", async () => {
    const bearer = (key: string) => ({ authorization: `Bearer ${key}`, "x-api-key": "made up" });
    expect((await gateway.post(whole, bearer("ingest"))).status).toBe(200);
    expect((await gateway.post(whole, bearer("nobody's"))).status).toBe(401);
    const response = await fetch(`${gateway.url}/v1/traces`, { method: "POST" });
    expect(await statusIn(response)).toMatchObject({ code: 16, message: expect.stringMatching(/^KEY_MISSING: /) });
  });
});

describe("other routes", () => {
  test.each([
    ["GET", "/v1/traces"],
    ["POST", "/v1/logs"],
    ["GET", "/"],
  ])("%s %s is a problem of RFC 9457", async (method, path) => {
    const response = await fetch(gateway.url + path, { method });
    expect(response.status).toBe(404);
    expect(response.headers.get("content-type")).toMatch(/^application\/problem\+json/);
    expect(await response.json()).toMatchObject({
      type: "urn:spanhouse:problem:NOT_FOUND",
      status: 404,
      code: "NOT_FOUND",
      detail: `${method} ${path}: there is no such route`,
    });
  });

  test("live always, ready while the span log would take spans", async () => {
    const get = (path: string) => fetch(gateway.url + path);
    expect((await get("/health/ready")).status).toBe(200);
    publisher.isReady = false;
    const response = await get("/health/ready");
    publisher.isReady = true;
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(await response.json()).toMatchObject({ code: "BUS_UNAVAILABLE" });
    expect(await (await get("/health/live")).json()).toEqual({ status: "live" });
  });

  test("what happened is counted", async () => {
    const own = await testGateway(publisher);
    const body = request(span(1, 1), span(1, 2), { ...span(1, 3), spanId: "" });
    const packed = gzipSync(body);
    await own.post(packed, { "content-encoding": "gzip" });
    await own.post("junk!", json);
    expect(await own.metric('spanhouse_gateway_requests_total{protocol="http",status="200",code="OK"}')).toBe(1);
    expect(await own.metric('spanhouse_gateway_requests_total{protocol="http",status="400",code="OTLP_JSON"}')).toBe(1);
    expect(await own.metric('spanhouse_gateway_spans_total{result="accepted"}')).toBe(2);
    expect(await own.metric('spanhouse_gateway_spans_total{result="rejected"}')).toBe(1);
    expect(await own.metric('spanhouse_gateway_body_bytes_total{state="sent"}')).toBe(packed.length + 5);
    expect(await own.metric('spanhouse_gateway_body_bytes_total{state="inflated"}')).toBe(body.length + 5);
    expect(await own.metric("spanhouse_gateway_publish_seconds_count")).toBe(1);
    expect(await own.metric("spanhouse_gateway_inflight_bytes")).toBe(0);
    await own.close();
  });
});
