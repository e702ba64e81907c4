import { expect, it } from "vitest";
import { chat, request, second, span } from "../pipeline/spans.ts";
import { observedPipeline } from "./observed-pipeline.ts";

/** More than ClickHouse takes partitions in one insert. */
const days = 101;

it("one trace whose spans ended on 101 days is whole, and rolled up on every one", async () => {
  const pipeline = await observedPipeline();
  const spans = Array.from({ length: days }, (_, i) =>
    span(1, 0x1000 + i, undefined, chat(1000, 100), BigInt(i - days) * 86_400n * second),
  );
  await pipeline.send("days", request(...spans));
  expect(await pipeline.trace("days", "spans, cost")).toEqual({ spans: days, cost: "0.3535" });
  await expect
    .poll(
      () =>
        pipeline.clickhouse.query(
          `SELECT count() AS days, sum(arraySum(cost)) AS cost FROM rollup_minute FINAL
           WHERE project = 'days' AND kind = 'spend'`,
        ),
      { timeout: 60_000 },
    )
    .toEqual([{ days: String(days), cost: "0.3535" }]);
  await pipeline.goesOn();
  await pipeline.stop();
}, 120_000);
