import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { laneCount, laneOf, murmur2 } from "../src/lane.ts";

describe("murmur2", () => {
  // From org.apache.kafka.common.utils.UtilsTest.testMurmur2.
  it.each([
    ["21", -973932308],
    ["foobar", -790332482],
    ["a-little-bit-long-string", -985981536],
    ["a-little-bit-longer-string", -1486304829],
    ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971],
    ["abc", 479470107],
  ])("of %j is what Java clients get", (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash);
  });
});

describe("laneOf", () => {
  it("is the partition of a topic with as many partitions as lanes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (id) => {
        const traceId = Buffer.from(id).toString("hex");
        expect(laneOf(traceId)).toBe((murmur2(Buffer.from(traceId)) & 0x7fffffff) % laneCount);
      }),
    );
  });

  it("lets one partition own whole lanes wherever the partition count divides the lanes", () => {
    for (const partitions of [1, 2, 4, 8, 16, 32, 64]) {
      for (let index = 0; index < 500; index++) {
        const traceId = index.toString(16).padStart(32, "0");
        const partition = (murmur2(Buffer.from(traceId)) & 0x7fffffff) % partitions;
        expect(laneOf(traceId) % partitions).toBe(partition);
      }
    }
  });
});
