import { memo } from "react";
import { shortCount } from "../format/count.ts";
import { duration } from "../format/duration.ts";
import { Flow } from "../format/flow.tsx";
import { exactMoney, moneyOf } from "../format/money.ts";
import { Icon } from "../layout/icon.tsx";
import type { Analysis } from "./analysis.ts";
import { Bar, type BarProps } from "./bar.tsx";
import { OutcomeMark } from "./outcome-mark.tsx";
import type { Row } from "./rows.ts";
import type { SpanNode } from "./span-node.ts";
import { endOf, type SpanTable } from "./span-table.ts";
import type { View } from "./zoom.ts";

export interface SpanRowProps {
  readonly row: Row;
  readonly table: SpanTable;
  readonly analysis: Analysis;
  readonly view: View;
  readonly showCritical: boolean;
  /** µs from the origin; of a row that does not run, 0. */
  readonly now: number;
  readonly matches: boolean;
}

/** What a line shows in its cells; the tree places it. */
export const SpanRow = memo(function SpanRow(props: SpanRowProps) {
  switch (props.row.kind) {
    case "gap":
      return <GapCells {...props} row={props.row} />;
    case "group":
      return <GroupCells {...props} row={props.row} />;
    case "span":
      return <SpanCells {...props} row={props.row} />;
  }
});

type Of<Kind extends Row["kind"]> = SpanRowProps & { readonly row: Extract<Row, { kind: Kind }> };

function SpanCells({ row, table, analysis, view, showCritical, now, matches }: Of<"span">) {
  const node = table.node(row.index);
  const running = node.open;
  const start = table.start[row.index]!;
  const end = endOf(table, row.index, now);
  const model = node.response_model || node.request_model;
  const detail = node.role === "model" ? model : node.tool_name;
  return (
    <>
      <div role="gridcell" className={`cell-name${matches ? " cell-match" : ""}`}>
        <Guides depth={row.depth} />
        <Fold expanded={row.expanded} count={node.descendants} />
        <span className={`dot tone-${toneOf(node)}`} title={node.role} />
        <span className="cell-title">{node.name || "(no name)"}</span>
        {detail && !node.name.includes(detail) && <span className="cell-detail">{detail}</span>}
        <OutcomeMark outcome={node.outcome} message={node.message} />
        <Notes node={node} />
      </div>
      <div role="gridcell" className="cell-number" title={`self ${duration(analysis.self[row.index]!)}`}>
        {duration(end - start)}
        {running && <span className="running-word">…</span>}
      </div>
      <div role="gridcell" className="cell-number cell-tokens">
        <Tokens node={node} />
      </div>
      <div role="gridcell" className="cell-number">
        <Cost node={node} />
      </div>
      <div role="gridcell" className="cell-time">
        <span className="unseen">{`starts at ${duration(Math.max(0, start))}`}</span>
        <Bar
          {...{ view, start, end, running }}
          tone={node.outcome === "error" ? "error" : toneOf(node)}
          hollow={node.aggregate || node.void}
          firstChunk={node.time_to_first_chunk_us}
          critical={showCritical ? analysis.critical.get(row.index) : undefined}
        />
      </div>
    </>
  );
}

/** More would be one solid stretch anyway. */
const mostMembersDrawn = 120;

function GroupCells({ row, table, analysis, view, showCritical, now, matches }: Of<"group">) {
  const node = table.node(row.index);
  const members: { from: number; to: number }[] = [];
  const critical: { from: number; to: number }[] = [];
  let [start, end, busy, cost, tokensIn, tokensOut, errors] = [Infinity, -Infinity, 0, 0n, 0, 0, 0];
  for (let at = row.index, left = row.count; left > 0; left--, at += table.descendants[at]! + 1) {
    if (at >= table.size) break;
    const [from, to] = [table.start[at]!, endOf(table, at, now)];
    start = Math.min(start, from);
    end = Math.max(end, to);
    busy += to - from;
    if (members.length < mostMembersDrawn) members.push({ from, to });
    const member = table.node(at);
    if (!member.aggregate) cost += table.cost[at]!;
    tokensIn += member.input_tokens;
    tokensOut += member.output_tokens;
    if (member.outcome === "error") errors++;
    if (showCritical && critical.length < mostMembersDrawn) critical.push(...(analysis.critical.get(at) ?? []));
  }
  return (
    <>
      <div role="gridcell" className={`cell-name${matches ? " cell-match" : ""}`}>
        <Guides depth={row.depth} />
        <Fold expanded={row.expanded} count={row.count} />
        <span className={`dot tone-${toneOf(node)}`} title={node.role} />
        <span className="cell-title">{node.name || "(no name)"}</span>
        <span className="times">×{shortCount(row.count)}</span>
        {errors > 0 && <OutcomeMark outcome="error" message={`${errors} of ${row.count}`} />}
      </div>
      <div role="gridcell" className="cell-number" title={`all together ${duration(busy)}`}>
        {duration(end - start)}
      </div>
      <div role="gridcell" className="cell-number cell-tokens">
        {tokensIn + tokensOut > 0 && <Flow from={shortCount(tokensIn)} to={shortCount(tokensOut)} />}
      </div>
      <div role="gridcell" className="cell-number">
        {cost > 0n && moneyOf(cost)}
      </div>
      <div role="gridcell" className="cell-time">
        <Bar {...{ view, start, end, members }} tone={errors > 0 ? "error" : toneOf(node)} critical={critical} />
      </div>
    </>
  );
}

function GapCells({ row, table, view }: Of<"gap">) {
  const end = table.start[row.index]!;
  return (
    <>
      <div role="gridcell" className="cell-name cell-gap">
        <Guides depth={row.depth} />
        <Fold expanded={undefined} count={0} />
        <span className="gap-word">
          {row.retry ? "waited before the next try" : "no span: a tool that is not traced?"}
        </span>
      </div>
      <div role="gridcell" className="cell-number">
        {duration(row.us)}
      </div>
      <div role="gridcell" className="cell-tokens" />
      <div role="gridcell" />
      <div role="gridcell" className="cell-time">
        <GapBar view={view} start={end - row.us} end={end} />
      </div>
    </>
  );
}

function GapBar(props: Pick<BarProps, "view" | "start" | "end">) {
  return (
    <span className="gap-bar">
      <Bar {...props} tone="other" />
    </span>
  );
}

export function toneOf({ role }: SpanNode): BarProps["tone"] {
  return role;
}

/** More would push the name out of sight; what lies deeper says how deep. */
const mostGuides = 16;

function Guides({ depth }: { readonly depth: number }) {
  const drawn = Math.min(depth, mostGuides);
  return (
    <>
      {drawn > 0 && <span className="guides" style={{ width: `${drawn * 14}px` }} />}
      {depth > drawn && <span className="deeper">{depth}</span>}
    </>
  );
}

function Fold({ expanded, count }: { readonly expanded: boolean | undefined; readonly count: number }) {
  if (expanded === undefined) return <span className="fold" />;
  return (
    <span className="fold fold-can" data-fold title={expanded ? "fold (h)" : `unfold ${count} (l)`}>
      <Icon name={expanded ? "unfolded" : "folded"} />
    </span>
  );
}

function Tokens({ node }: { readonly node: SpanNode }) {
  if (node.usage_state === "none") return null;
  if (node.usage_state === "unknown") return <span title="the provider reported no usage">unknown</span>;
  const text = <Flow from={shortCount(node.input_tokens)} to={shortCount(node.output_tokens)} />;
  return node.aggregate ? <s>{text}</s> : text;
}

function Cost({ node }: { readonly node: SpanNode }) {
  const { price_state: state, aggregate, cost, estimated_cost: estimated } = node;
  if (state === "none") return null;
  if (state === "unknown_model" || state === "unknown_usage") {
    return (
      <span title={state === "unknown_model" ? "no price is known for the model" : "usage is unknown"}>unknown</span>
    );
  }
  const text = state === "estimated" ? `~${moneyOf(pico(estimated))}` : moneyOf(pico(cost));
  if (!aggregate) return <span title={exactMoney(state === "estimated" ? estimated : cost)}>{text}</span>;
  return (
    <s title="not counted: it repeats what the calls below cost">
      {text}
      <span className="unseen"> not counted</span>
    </s>
  );
}

const pico = (decimal: string) => BigInt(decimal.replace(".", ""));

/** What was wrong with the span or its place. */
function Notes({ node }: { readonly node: SpanNode }) {
  const notes = [
    node.attempt > 1 && { word: `try ${node.attempt}`, why: "a retry" },
    node.aggregate && { word: "not counted", why: "its usage repeats that of the calls below it" },
    node.void && { word: "superseded", why: "another span of the same id counts" },
    node.orphan && { word: "orphan", why: "its parent never came" },
    node.cycle && { word: "cycle", why: "it is its own ancestor by what the spans say" },
    node.starts_before_parent_us > 1_000 && {
      word: `clock −${duration(node.starts_before_parent_us)}`,
      why: "it starts before its parent: a clock is behind",
    },
    ...node.flags.map((flag) => ({ word: flag, why: "what was wrong with the span as it came" })),
  ].filter((note) => note !== false);
  return notes.map(({ word, why }) => (
    <span key={word} className="note" title={why}>
      {word}
    </span>
  ));
}
