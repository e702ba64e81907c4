import { describe, expect, it } from "vitest";
import { createEmbeddedBus } from "../src/embedded/embedded-bus.ts";
import { consume, count, describeBus, recordOf, textOf } from "./conformance.ts";

describeBus("embedded bus", async ({ maxInFlightBytes, maxRecordBytes }) => {
  const bus = createEmbeddedBus({ maxBytes: maxInFlightBytes, maxRecordBytes });
  return {
    publisher: () => bus,
    subscriber: () => bus,
    unstored: "unavailable",
    abandon: async () => {},
    close: () => bus.close(),
  };
});

describe("embedded bus", () => {
  const limits = { maxBytes: 1_000, maxWaitMs: 20 };
  const open = (deadlineMs?: number) =>
    createEmbeddedBus({ maxBytes: 10_000, maxRecordBytes: 5_000, ...(deadlineMs && { deadlineMs }) });

  it("acknowledges no sooner than all batches that hold a publish's records are stored", async () => {
    const bus = open();
    let answered = false;
    const outcome = bus.publish([1, 2, 3].map((n) => ({ key: "k", value: Buffer.alloc(800, n), headers: {} })));
    void outcome.then(() => {
      answered = true;
    });
    let seen = 0;
    for await (const batch of bus.batches(limits)) {
      await new Promise(setImmediate);
      expect(answered).toBe(false);
      seen += batch.records.length;
      bus.stored(batch);
      if (seen === 3) break;
    }
    expect(await outcome).toEqual({ kind: "acknowledged" });
    await bus.close();
  });

  it("answers unavailable at its deadline when the store does not come on", async () => {
    const bus = open(30);
    expect(await bus.publish([recordOf("k", "v")])).toMatchObject({ kind: "unavailable" });
    const { records } = await consume(bus, count(1));
    expect(records.map(textOf)).toEqual(["v"]);
    await bus.close();
  });

  it("answers unavailable to everyone who waits when it is closed", async () => {
    const bus = open();
    const queued = bus.publish([recordOf("k", "v")]);
    await bus.close();
    expect(await queued).toMatchObject({ kind: "unavailable" });
  });

  it("is not ready while nobody subscribes", async () => {
    const bus = open();
    expect(await bus.ready()).toBe(false);
    await bus.close();
  });
});
