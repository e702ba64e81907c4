import { Buffer } from "node:buffer";
import { once } from "node:events";
import { type ClientHttp2Session, connect } from "node:http2";
import { status } from "@grpc/grpc-js";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { partialSuccessOf, retryDelayIn } from "./answers.ts";
import { createFakePublisher, heldAnswer } from "./fake-publisher.ts";
import { type GrpcCaller, grpcCaller } from "./grpc-call.ts";
import { request, span, spanIds, type TestGateway, testGateway } from "./test-gateway.ts";

const publisher = createFakePublisher();
let gateway: TestGateway;
let caller: GrpcCaller;
beforeAll(async () => {
  gateway = await testGateway(publisher, { limits: { maxSpans: 10, maxRecordBytes: 2_000 } });
  caller = grpcCaller(gateway.grpcPort);
});
beforeEach(() => {
  publisher.records.length = 0;
});
afterAll(async () => {
  caller.close();
  await gateway.close();
});

test("spans are split by trace and acknowledged with an empty answer", async () => {
  const answer = await caller.export(request(span(1, 1), span(2, 2), span(1, 3)));
  expect(answer).toMatchObject({ kind: "ok", bytes: Buffer.alloc(0) });
  expect(spanIds(publisher.records).map((ids) => ids.map((id) => Number.parseInt(id, 16)))).toEqual([[1, 3], [2]]);
  expect(await caller.export(new Uint8Array(0))).toMatchObject({ kind: "ok" });
  expect(await gateway.metric('spanhouse_gateway_requests_total{protocol="grpc",status="200",code="OK"}')).toBe(2);
});

test("a key by metadata, with the scope", async () => {
  const body = request(span(1, 1));
  for (const sent of [{ authorization: "Bearer ingest" }, { "x-api-key": "ingest" }]) {
    expect(await caller.export(body, sent)).toMatchObject({ kind: "ok" });
  }
  expect(await caller.export(body, {})).toMatchObject({
    code: status.UNAUTHENTICATED,
    message: expect.stringMatching(/^KEY_MISSING: /),
  });
  expect(await caller.export(body, { "x-api-key": "other" })).toMatchObject({
    code: status.UNAUTHENTICATED,
    message: expect.stringMatching(/^KEY_UNKNOWN: /),
  });
  expect(await caller.export(body, { "x-api-key": "read" })).toMatchObject({
    code: status.PERMISSION_DENIED,
    message: expect.stringMatching(/^KEY_SCOPE: /),
  });
  expect(publisher.records).toHaveLength(2);
});

test("what is no OTLP, or too many spans, is INVALID_ARGUMENT with its code", async () => {
  expect(await caller.export(Buffer.from([0x0a, 0x05, 0x01]))).toMatchObject({
    code: status.INVALID_ARGUMENT,
    message: expect.stringMatching(/^OTLP_TRUNCATED: /),
    details: undefined,
  });
  const many = Array.from({ length: 11 }, (_, n) => span(1, n + 1));
  expect(await caller.export(request(...many))).toMatchObject({
    code: status.INVALID_ARGUMENT,
    message: expect.stringMatching(/^TOO_MANY_SPANS: /),
  });
});

test("spans that no record can hold are a partial success", async () => {
  const answer = await caller.export(request(span(1, 1), span(2, 2, 3_000)));
  if (answer.kind === "error") throw new Error(answer.message);
  expect(partialSuccessOf(answer.bytes)).toEqual({
    rejectedSpans: 1,
    errorMessage: expect.stringMatching(/^RECORD_TOO_LARGE: /),
  });
  expect(spanIds(publisher.records)).toHaveLength(1);
});

test("no answer before the span log has acknowledged; UNAVAILABLE with RetryInfo when it cannot", async () => {
  const held = heldAnswer();
  publisher.answers.push(held.answer);
  let answered = false;
  const first = caller.export(request(span(1, 1))).finally(() => {
    answered = true;
  });
  await vi.waitFor(() => expect(publisher.records).toHaveLength(1));
  expect(await caller.export(request(span(2, 2)))).toMatchObject({ kind: "ok" });
  expect(answered).toBe(false);
  held.give({ kind: "unavailable", message: "no leader", retryAfterSeconds: 2.5 });
  const answer = await first;
  expect(answer).toMatchObject({ code: status.UNAVAILABLE, message: "BUS_UNAVAILABLE: no leader" });
  expect(retryDelayIn((answer as { details: Uint8Array }).details)).toBe(2.5);
});

test("a defect is INTERNAL, and told nowhere", async () => {
  publisher.answers.push(new Error("secret detail"));
  expect(await caller.export(request(span(1, 1)))).toMatchObject({
    code: status.INTERNAL,
    message: expect.stringMatching(/^INTERNAL: (?!.*secret)/),
  });
  expect(await gateway.metric("spanhouse_gateway_inflight_bytes")).toBe(0);
});

test("a message larger than the limit, as sent or inflated, is refused", async () => {
  const own = await testGateway(publisher, { limits: { maxGrpcMessageBytes: 100_000 } });
  const [plain, zipped] = [grpcCaller(own.grpcPort), grpcCaller(own.grpcPort, { gzip: true })];
  const bomb = Buffer.alloc(50_000_000);
  for (const one of [plain, zipped]) {
    expect(await one.export(bomb)).toMatchObject({ code: status.RESOURCE_EXHAUSTED, details: undefined });
    expect(await one.export(request(span(1, 1)))).toMatchObject({ kind: "ok" });
    one.close();
  }
  await own.close();
});

/** A call that sends its headers, and its message as the test likes. */
function openCall(session: ClientHttp2Session, key: string) {
  const call = session.request({
    ":method": "POST",
    ":path": "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    "content-type": "application/grpc",
    te: "trailers",
    "x-api-key": key,
  });
  const answer = once(call, "response").then(([headers]) => Number(headers["grpc-status"] ?? 0));
  call.on("error", () => {}).resume();
  return { call, answer };
}

function framed(message: Uint8Array): Buffer {
  const frame = Buffer.alloc(5);
  frame.writeUInt32BE(message.length, 1);
  return Buffer.concat([frame, message]);
}

test("calls that send nothing end after the request's time, and take only their project's places meanwhile", async () => {
  const keys = {
    authenticate: async (key: string | undefined) =>
      ({ kind: "granted", project: key!, scopes: ["ingest"], keyId: key! }) as const,
  };
  const own = await testGateway(createFakePublisher(), {
    keys,
    limits: { grpcReceiveSlots: 8, grpcReceivePatienceMs: 30_000, requestTimeoutMs: 300 },
  });
  const session = connect(`http://127.0.0.1:${own.grpcPort}`);
  const slow = Array.from({ length: 6 }, () => openCall(session, "slow"));
  for (const { call } of slow) call.write(framed(request(span(1, 1))).subarray(0, 20));
  // Another project's call passes while all places of the first are taken, a seventh of the first waits its turn.
  const other = grpcCaller(own.grpcPort);
  expect(await other.export(request(span(2, 2)), { "x-api-key": "quick" })).toMatchObject({ kind: "ok" });
  expect(await other.export(request(span(3, 3)), { "x-api-key": "slow" })).toMatchObject({ kind: "ok" });
  expect(new Set(await Promise.all(slow.map(({ answer }) => answer)))).toEqual(new Set([status.DEADLINE_EXCEEDED]));
  other.close();
  session.destroy();
  await own.close();
});

test("without a key no byte of the message is read", async () => {
  const session = connect(`http://127.0.0.1:${gateway.grpcPort}`);
  const { call, answer } = openCall(session, "other");
  call.write(framed(Buffer.alloc(1_000_000)).subarray(0, 10));
  expect(await answer).toBe(status.UNAUTHENTICATED);
  session.destroy();
});

test("another method is UNIMPLEMENTED", async () => {
  const session = connect(`http://127.0.0.1:${gateway.grpcPort}`);
  const call = session.request({
    ":method": "POST",
    ":path": "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
    "content-type": "application/grpc",
  });
  call.end(framed(new Uint8Array(0)));
  const [headers] = await once(call, "response");
  expect(Number(headers["grpc-status"])).toBe(status.UNIMPLEMENTED);
  session.destroy();
});

test("closing lets calls under way finish", async () => {
  const own = createFakePublisher();
  const closing = await testGateway(own);
  const held = heldAnswer();
  own.answers.push(held.answer);
  const client = grpcCaller(closing.grpcPort);
  const answer = client.export(request(span(1, 1)));
  await vi.waitFor(() => expect(own.records).toHaveLength(1));
  const closed = closing.close();
  held.give({ kind: "acknowledged" });
  expect(await answer).toMatchObject({ kind: "ok" });
  await closed;
  client.close();
});
