import type { TreeNode } from "@spanhouse/schemas/api/spans";
import { expect, test } from "vitest";
import { eventsOf } from "../src/reading/event-stream.ts";
import { paintFor, widthOf } from "../src/reading/paint.ts";
import { dollars, duration } from "../src/reading/units.ts";
import { waterfallLines } from "../src/reading/waterfall.ts";

const node = (fields: Partial<TreeNode>): TreeNode =>
  ({
    ...{ name: "span", depth: 0, role: "other", price_state: "none", aggregate: false, outcome: "ok" },
    ...{ start_time: "2026-11-20T12:00:00Z", duration_us: 1_000_000, cost: "0.000000000000" },
    ...fields,
  }) as TreeNode;

test("a bar lies where its span does in the trace's time", () => {
  const spans = [
    node({ name: "agent", duration_us: 4_000_000 }),
    node({
      name: "late",
      depth: 1,
      start_time: "2026-11-20T12:00:02.000000001Z",
      duration_us: 2_000_000,
      outcome: "error",
    }),
  ];
  const [agent, late] = waterfallLines(spans, 80, (text) => text);
  const [from, to] = [agent!.indexOf("█"), agent!.lastIndexOf("█") + 1];
  expect(late!.indexOf("█")).toBe(from + (to - from) / 2);
  expect(late!.lastIndexOf("█")).toBe(to - 1);
  expect(late).toMatch(/^ {2}late .* 2\.00 s .* error$/);
});

test("colours are of a terminal alone, and not under NO_COLOR", () => {
  const terminal = { columns: 90 };
  expect(paintFor({ environment: {}, terminal })("x", "red")).toBe("\u001b[31mx\u001b[0m");
  expect(paintFor({ environment: { NO_COLOR: "1" }, terminal })("x", "red")).toBe("x");
  expect(paintFor({ environment: {}, terminal: undefined })("x", "red")).toBe("x");
  expect([
    widthOf({ environment: {}, terminal }),
    widthOf({ environment: { COLUMNS: "70" }, terminal: undefined }),
  ]).toEqual([90, 70]);
});

test.each([
  ["0.000000000000", "$0"],
  ["0.000012500000", "$0.000013"],
  ["0.003500000000", "$0.0035"],
  ["1234.500000000000", "$1234.50"],
])("%s USD reads %s", (amount, text) => expect(dollars(amount)).toBe(text));

test.each([
  [999, "999 µs"],
  [1500, "1.5 ms"],
  [2_000_000, "2.00 s"],
  [61_000_000, "1m01s"],
])("%i µs reads %s", (us, text) => expect(duration(us)).toBe(text));

test("an event that comes in pieces is one", async () => {
  const pieces = [": hi\n\neve", 'nt: trace\ndata: {"a":"', 'é"}\n\n'].map((text) => Buffer.from(text));
  const stream = (async function* () {
    yield* pieces;
  })();
  const events: string[] = [];
  for await (const event of eventsOf(stream)) events.push(event);
  expect(events).toEqual(['{"a":"é"}']);
});
