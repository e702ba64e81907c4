import { afterAll, beforeAll, expect, it } from "vitest";
import { agent, chat, minute0, request, second, span } from "../pipeline/spans.ts";
import type { FlagName, ObservedPipeline } from "./observed-pipeline.ts";
import { observedPipeline, projectOf } from "./observed-pipeline.ts";

let pipeline: ObservedPipeline;

beforeAll(async () => {
  pipeline = await observedPipeline();
});
afterAll(async () => {
  await pipeline.goesOn();
  await pipeline.stop();
});

const nanos = (date: string) => BigInt(Date.parse(date)) * 1_000_000n;
const greatest = 2n ** 64n - 1n;
const end = minute0 + second;
const quarantine = "1970-01-01 00:00:00";
const lastTime = "2262-04-11 23:47:16.854775807";

const impossible: readonly (readonly [string, bigint, bigint, FlagName[], string])[] = [
  ["both in 1970", 1n, 2n, ["impossibleEnd", "impossibleStart"], quarantine],
  ["no times at all", 0n, 0n, ["impossibleEnd", "impossibleStart"], quarantine],
  ["an end in 1970", minute0, 1n, ["impossibleEnd", "negativeDuration"], quarantine],
  ["an end in 2199", minute0, nanos("2199-06-01"), ["impossibleEnd"], quarantine],
  ["an end in milliseconds", minute0, end / 1_000_000n, ["impossibleEnd", "negativeDuration"], quarantine],
  ["the greatest times", greatest, greatest, ["impossibleEnd", "impossibleStart"], quarantine],
  ["a start in 1970", 1n, end, ["impossibleStart"], "2026-10-05 10:00:00"],
  ["a start in 2199", nanos("2199-06-01"), end, ["impossibleStart", "negativeDuration"], "2026-10-05 10:00:00"],
  ["an end before the start", minute0 + 2n * second, end, ["negativeDuration"], "2026-10-05 10:00:00"],
];

it.concurrent.each(impossible)(
  "%s: stored and priced, with flags and no duration",
  async (name, from, to, flags, bucket) => {
    const project = projectOf(name);
    const times = { startTimeUnixNano: from, endTimeUnixNano: to };
    await pipeline.send(
      project,
      request(span(1, 1, undefined, chat(1000, 100), 0n, times), span(2, 2, undefined, chat(1000, 100))),
    );
    const [odd, good] = await pipeline.clickhouse.query(
      "SELECT bucket, duration_us, cost, start_time FROM spans FINAL WHERE project = {project:String} ORDER BY span_id",
      { project },
    );
    expect(odd).toMatchObject({ bucket, duration_us: "0", cost: "0.0035" });
    if (from === greatest) expect(odd!.start_time).toBe(lastTime);
    expect(good).toMatchObject({ duration_us: "1000000", cost: "0.0035" });
    const flagged = (await pipeline.flags(project)).filter((of) => of.length > 0);
    expect(flagged).toEqual([flags]);
  },
);

it.concurrent("a trace's times are those of its possible spans, and none where it has none", async () => {
  const at = (startTimeUnixNano: bigint, endTimeUnixNano: bigint) => ({ startTimeUnixNano, endTimeUnixNano });
  await pipeline.send(
    "skewed",
    request(
      span(1, 1, undefined, agent(), 0n, at(1n, greatest)),
      span(1, 2, 1, agent(), 0n, at(minute0, end)),
      span(1, 3, 1, agent(), 0n, at(minute0 + second, nanos("2199-01-01"))),
    ),
  );
  await pipeline.send("timeless", request(span(1, 1, undefined, agent(), 0n, at(5n, greatest))));
  expect(await pipeline.trace("skewed", "spans, start_time, end_time, duration_us")).toEqual({
    spans: 3,
    start_time: "2026-10-05 10:00:00.000000000",
    end_time: "2026-10-05 10:00:01.000000000",
    duration_us: "1000000",
  });
  expect(await pipeline.trace("timeless", "spans, toUnixTimestamp(start_time) AS start, duration_us")).toEqual({
    spans: 1,
    start: 0,
    duration_us: "0",
  });
});

it.concurrent("a span announced with the greatest start is announced, and its end supersedes it", async () => {
  const open = { ...agent(), "spanhouse.open": "true" };
  await pipeline.send(
    "open",
    request(span(1, 1, undefined, open, 0n, { startTimeUnixNano: greatest, endTimeUnixNano: 0n })),
  );
  const rows = await pipeline.clickhouse.query("SELECT start_time FROM open_spans FINAL WHERE project = 'open'");
  expect(rows).toEqual([{ start_time: lastTime }]);
  await pipeline.send("open", request(span(1, 1, undefined, agent())));
  expect(await pipeline.flags("open")).toEqual([[]]);
});
