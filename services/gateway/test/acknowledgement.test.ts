import { createEmbeddedBus } from "@spanhouse/bus/embedded/embedded-bus";
import { expect, test, vi } from "vitest";
import { statusIn } from "./answers.ts";
import { createFakePublisher, heldAnswer } from "./fake-publisher.ts";
import { request, span, spanIds, testGateway } from "./test-gateway.ts";

test("no answer before the span log has acknowledged", async () => {
  const publisher = createFakePublisher();
  const gateway = await testGateway(publisher);
  const held = heldAnswer();
  publisher.answers.push(held.answer);
  let answered = false;
  const response = gateway.post(request(span(1, 1))).finally(() => {
    answered = true;
  });
  await vi.waitFor(() => expect(publisher.records).toHaveLength(1));
  // A later request is answered in full meanwhile: the first one had every chance.
  expect((await gateway.post(request(span(2, 2)))).status).toBe(200);
  expect(answered).toBe(false);
  held.give({ kind: "acknowledged" });
  expect((await response).status).toBe(200);
  await gateway.close();
});

test("a span log that cannot is 503 with Retry-After; the same request is taken later", async () => {
  const publisher = createFakePublisher();
  const gateway = await testGateway(publisher);
  publisher.answers.push({ kind: "unavailable", message: "no leader for partition 3", retryAfterSeconds: 6.2 });
  const refused = await gateway.post(request(span(1, 1)));
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "7"]);
  expect(await statusIn(refused)).toEqual({ code: 14, message: "BUS_UNAVAILABLE: no leader for partition 3" });
  expect(await gateway.metric('spanhouse_gateway_spans_total{result="accepted"}')).toBeNaN();
  expect((await gateway.post(request(span(1, 1)))).status).toBe(200);
  await gateway.close();
});

test("a publisher that throws is a defect: 500, and told nowhere", async () => {
  const publisher = createFakePublisher();
  const gateway = await testGateway(publisher);
  publisher.answers.push(new Error("secret detail"));
  const response = await gateway.post(request(span(1, 1)));
  expect(response.status).toBe(500);
  expect((await statusIn(response)).message).toMatch(/^INTERNAL: (?!.*secret)/);
  expect(await gateway.metric("spanhouse_gateway_inflight_bytes")).toBe(0);
  await gateway.close();
});

test("closing lets requests under way finish", async () => {
  const publisher = createFakePublisher();
  const gateway = await testGateway(publisher);
  const held = heldAnswer();
  publisher.answers.push(held.answer);
  const response = gateway.post(request(span(1, 1)));
  await vi.waitFor(() => expect(publisher.records).toHaveLength(1));
  const closing = gateway.close();
  await expect(fetch(`${gateway.url}/health/live`)).rejects.toThrow();
  held.give({ kind: "acknowledged" });
  expect((await response).status).toBe(200);
  await closing;
});

test("closing does not wait for a body that does not end", async () => {
  const gateway = await testGateway(createFakePublisher(), { limits: { closeGraceMs: 100 } });
  const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(new Uint8Array(1000)) });
  const response = gateway.post(body);
  const cut = expect(response).rejects.toThrow();
  await vi.waitFor(async () => expect(await gateway.metric("spanhouse_gateway_inflight_bytes")).toBe(1000));
  await gateway.close();
  await cut;
});

test("over the embedded bus, 200 comes when the batch is stored, and 503 when it never is", async () => {
  const bus = createEmbeddedBus({ maxBytes: 1_000_000, maxRecordBytes: 100_000 });
  const gateway = await testGateway(bus);
  const ready = async () => (await fetch(`${gateway.url}/health/ready`)).status;
  expect(await ready()).toBe(503);
  const batches = bus.batches({ maxBytes: 100_000, maxWaitMs: 10 })[Symbol.asyncIterator]();
  const nextWithRecords = async () => {
    for (;;) {
      const { value } = await batches.next();
      if (value.records.length > 0) return value;
    }
  };
  const order: string[] = [];
  const post = (n: number) => gateway.post(request(span(n, n))).then(({ status }) => order.push(`answered ${status}`));

  const first = post(1);
  const batch = await nextWithRecords();
  expect(await ready()).toBe(200);
  expect(spanIds(batch.records)).toEqual([["0000000000000001"]]);
  order.push("stored");
  bus.stored(batch);
  await first;

  const second = post(2);
  await nextWithRecords();
  order.push("closed");
  await bus.close();
  await second;
  expect(order).toEqual(["stored", "answered 200", "closed", "answered 503"]);
  await gateway.close();
});
