import { expect, test } from "vitest";
import type { TreeNode } from "../src/api/client.ts";
import { analyse, findSpans } from "../src/trace/analysis.ts";
import { fold, nothingFolded, type Row, reveal, rowsOf } from "../src/trace/rows.ts";
import type { SpanColumns } from "../src/trace/span-node.ts";
import { createSpanTable, type SpanTable } from "../src/trace/span-table.ts";

interface Told {
  readonly name: string;
  /** ms */
  readonly at: readonly [from: number, to: number];
  readonly more?: Partial<TreeNode>;
  readonly below?: readonly Told[];
}

const origin = "2026-11-20T12:00:00.000000000Z";
const time = (ms: number) => new Date(Date.parse(origin) + ms).toISOString();

/** The nodes of a tree as the API lists them: depth first. */
function nodesOf(told: Told, depth = 0): TreeNode[] {
  const below = (told.below ?? []).flatMap((child) => nodesOf(child, depth + 1));
  const [from, to] = told.at;
  const known: Partial<TreeNode> = {
    ...{
      span_id: `${told.name}@${from}`,
      name: told.name,
      depth,
      descendants: below.length,
      children: told.below?.length ?? 0,
    },
    ...{ start_time: time(from), end_time: time(to), duration_us: (to - from) * 1000, open: false },
    ...{ role: "model", tool_name: "", cost: "0.000000000000", estimated_cost: "0.000000000000", outcome: "ok" },
    ...{ operation: "", service: "", provider: "", request_model: "", response_model: "", agent_name: "", message: "" },
    ...{ aggregate: false, attempt: 1 },
    ...told.more,
  };
  return [known as TreeNode, ...below];
}

function tableOf(told: Told): SpanTable {
  const nodes = nodesOf(told);
  const builder = createSpanTable(origin, nodes.length);
  // In pages, as they come.
  for (const node of nodes) builder.append([node]);
  return builder.table();
}

/** The same as a page of the API's table by columns. */
function columnsOf(nodes: readonly TreeNode[]): SpanColumns {
  const strings: string[] = [];
  const word = (text: string) => (strings.includes(text) ? strings.indexOf(text) : strings.push(text) - 1);
  const words = (of: (node: TreeNode) => string | null | undefined) => nodes.map((node) => word(of(node) ?? ""));
  const marks = ({ open, aggregate }: TreeNode) => (open ? 1 : 0) + (aggregate ? 2 : 0);
  const columns: Partial<SpanColumns["columns"]> = {
    ...{ span_id: nodes.map(({ span_id }) => span_id), depth: nodes.map(({ depth }) => depth) },
    ...{ descendants: nodes.map((one) => one.descendants), duration_us: nodes.map((one) => one.duration_us) },
    start_ns: nodes.map(({ start_time }) => (Date.parse(start_time) - Date.parse(origin)) * 1e6),
    marks: nodes.map(marks),
    ...{ attempt: nodes.map(({ attempt }) => attempt), cost: words(({ cost }) => cost) },
    estimated_cost: words((one) => one.estimated_cost),
    ...{ time_to_first_chunk_us: nodes.map(() => 0), starts_before_parent_us: nodes.map(() => 0) },
    ...{ input_tokens: nodes.map(() => 0), output_tokens: nodes.map(() => 0) },
    ...{ name: words(({ name }) => name), role: words(({ role }) => role), outcome: words(({ outcome }) => outcome) },
    ...{ tool_name: words((one) => one.tool_name), message: words(({ message }) => message) },
    ...{ usage_state: words(() => "none"), price_state: words(() => "none") },
    ...{ operation: words(() => ""), service: words(() => ""), provider: words(() => ""), agent_name: words(() => "") },
    ...{ request_model: words(() => ""), response_model: words(() => "") },
  };
  return { start_time: origin, rows: nodes.length, strings, columns, flags: {} } as SpanColumns;
}

const tool = (name: string, from: number, to: number): Told => ({ name, at: [from, to], more: { role: "tool" } });

const shown = (table: SpanTable, rows: readonly Row[]) =>
  rows.map(
    (row) =>
      `${"  ".repeat(row.depth)}${row.kind === "gap" ? "gap" : table.ids[row.index]}${row.kind === "group" ? ` ×${row.count}` : ""}`,
  );

const agent: Told = {
  name: "agent",
  at: [0, 1000],
  more: { role: "wrapper" },
  below: [
    { name: "plan", at: [0, 200] },
    tool("search", 200, 300),
    { ...tool("search", 300, 700), below: [{ name: "embed", at: [310, 690], more: { role: "model" } }] },
    tool("search", 700, 710),
    { name: "answer", at: [710, 800] },
    { name: "review", at: [900, 1000] },
  ],
};

test("calls that repeat are one line, which unfolds; a pause between two calls is a line of its own", () => {
  const table = tableOf(agent);
  const { marks } = analyse(table, 0);
  const folded = rowsOf(table, marks, nothingFolded);
  expect(shown(table, folded)).toEqual([
    "agent@0",
    "  plan@0",
    "  search@200 ×3",
    "  answer@710",
    "  gap",
    "  review@900",
  ]);
  const opened = fold(nothingFolded, table, folded[2]!, true);
  expect(shown(table, rowsOf(table, marks, opened))).toEqual([
    ...[
      "agent@0",
      "  plan@0",
      "  search@200 ×3",
      "    search@200",
      "    search@300",
      "      embed@310",
      "    search@700",
    ],
    ...["  answer@710", "  gap", "  review@900"],
  ]);
  const embed = table.indexOf("embed@310")!;
  expect(reveal(nothingFolded, table, marks, embed)).toEqual(opened);
  const closed = fold(opened, table, rowsOf(table, marks, opened)[0]!, false);
  expect(shown(table, rowsOf(table, marks, closed))).toEqual(["agent@0"]);
});

test("the critical path is what the end waited for; own time is what no child covers", () => {
  const table = tableOf({
    name: "root",
    at: [0, 100],
    below: [
      { name: "long", at: [10, 60] },
      { name: "short", at: [20, 30] },
      { name: "last", at: [70, 95], below: [{ name: "inner", at: [80, 90] }] },
    ],
  });
  const { critical, self } = analyse(table, 0);
  const path = Object.fromEntries(
    [...critical].map(([at, stretches]) => [
      table.node(at).name,
      stretches.map(({ from, to }) => [from / 1000, to / 1000]).sort(([a = 0], [b = 0]) => a - b),
    ]),
  );
  expect(path).toEqual({
    root: [
      [0, 10],
      [60, 70],
      [95, 100],
    ],
    long: [[10, 60]],
    last: [
      [70, 80],
      [90, 95],
    ],
    inner: [[80, 90]],
  });
  expect(table.ids.map((_, at) => self[at]! / 1000)).toEqual([25, 50, 10, 15, 10]);
});

test("a hundred thousand spans, as a chain or as one row of siblings, are analysed without a deep stack", () => {
  const size = 100_000;
  const [some] = nodesOf({ name: "s", at: [0, 100] });
  const node = (i: number, depth: number, descendants: number) => ({ ...some!, span_id: `s${i}`, depth, descendants });
  for (const chain of [true, false]) {
    const builder = createSpanTable(origin, size);
    builder.append(
      Array.from({ length: size }, (_, i) =>
        chain ? node(i, i, size - 1 - i) : node(i, i === 0 ? 0 : 1, i === 0 ? size - 1 : 0),
      ),
    );
    const table = builder.table();
    const { marks } = analyse(table, 0);
    expect(rowsOf(table, marks, nothingFolded).length).toBe(chain ? size : 2);
  }
});

test("search finds names, models, messages, outcomes and ids", () => {
  const table = tableOf({
    name: "root",
    at: [0, 10],
    below: [{ name: "call", at: [1, 2], more: { response_model: "GPT-4.1", outcome: "error", message: "Rate limit" } }],
  });
  for (const text of ["gpt", "CALL", "rate", "error", "call@1"]) expect(findSpans(table, text), text).toEqual([1]);
  expect(findSpans(table, " ")).toEqual([]);
});

test("a trace that goes on by columns is the one that nodes make", () => {
  const nodes = nodesOf(agent);
  const builder = createSpanTable(origin, nodes.length);
  builder.append(nodes.slice(0, 1));
  builder.appendColumns(columnsOf(nodes.slice(1)));
  const [byColumns, byNodes] = [builder.table(), tableOf(agent)];
  for (const column of ["parent", "depth", "descendants", "start", "duration", "running", "cost"] as const) {
    expect([...byColumns[column]], column).toEqual([...byNodes[column]]);
  }
  expect(byColumns.ids).toEqual(byNodes.ids);
  expect(byColumns.node(2)).toMatchObject({ name: byNodes.node(2).name, outcome: "ok", open: false, flags: [] });
});
