import { useQuery } from "@tanstack/react-query";
import { type Ref, useImperativeHandle, useRef } from "react";
import type { TraceSummary } from "../api/client.ts";
import { count, shortCount } from "../format/count.ts";
import { duration } from "../format/duration.ts";
import { exactMoney, money } from "../format/money.ts";
import { Icon } from "../layout/icon.tsx";
import { ProblemView } from "../layout/problem-view.tsx";
import { OutcomeMark } from "../trace/outcome-mark.tsx";
import type { SpanTable } from "../trace/span-table.ts";
import { type SpanTab, spanTabs } from "../trace/trace-search.ts";
import { AskAgain } from "./ask-again.tsx";
import { AttributesView } from "./attributes-view.tsx";
import { BytesView } from "./bytes-view.tsx";
import { Chat } from "./chat.tsx";
import { CopyAs } from "./copy-as-menu.tsx";
import { DifferenceView } from "./difference-view.tsx";
import { spanQuery } from "./span-queries.ts";
import { callBefore, toolSpanOf } from "./span-relations.ts";
import type { SpanDetail } from "./span-types.ts";
import { Tries } from "./tries.tsx";
import "./span-panel.css";

export interface SpanPanelProps {
  readonly trace: TraceSummary;
  readonly table: SpanTable;
  readonly spanId: string;
  readonly tab: SpanTab;
  readonly comparedWith: string | undefined;
  readonly onTab: (tab: SpanTab) => void;
  readonly onCompare: (traceId: string) => void;
  readonly onClose: () => void;
  readonly onJump: (index: number) => void;
  readonly ref?: Ref<SpanPanelHandle>;
}

export interface SpanPanelHandle {
  focus(): void;
}

const tabLabels: Readonly<Record<SpanTab, readonly [label: string, key: string]>> = {
  messages: ["Messages", "c"],
  bytes: ["Exact bytes", "b"],
  attributes: ["Attributes", "a"],
  difference: ["Difference", "d"],
  again: ["Ask again", "r"],
};

/** One span: what it said, its bytes, what is known of it, and how it differs from another's. */
export function SpanPanel(props: SpanPanelProps) {
  const { trace, table, spanId, tab, onTab, onClose, ref } = props;
  const body = useRef<HTMLDivElement>(null);
  useImperativeHandle(ref, () => ({ focus: () => body.current?.focus() }));
  const index = table.indexOf(spanId);
  const running = index !== undefined && table.running[index] === 1;
  const { data: span, error, refetch } = useQuery({ ...spanQuery(trace.trace_id, spanId), enabled: !running });
  const node = index === undefined ? undefined : table.node(index);
  return (
    <section className="span-panel" aria-label="Span">
      <header className="span-head">
        <div className="span-title">
          <span className={`dot tone-${node?.role ?? "other"}`} />
          <h2 className="cut" title={node?.name}>
            {node?.name ?? span?.name ?? spanId}
          </h2>
          {node && <OutcomeMark outcome={node.outcome} message={node.message} />}
          <button
            type="button"
            className="bar-button span-close"
            aria-label="Close the span"
            title="Close (Escape)"
            onClick={onClose}
          >
            <Icon name="cross" />
          </button>
        </div>
        <Facts span={span} running={running} />
        <div className="span-bar">
          <div role="tablist" aria-label="What of the span" className="tabs">
            {spanTabs.map((one) => (
              <button
                key={one}
                type="button"
                role="tab"
                id={`tab-${one}`}
                aria-selected={one === tab}
                aria-controls="span-body"
                tabIndex={one === tab ? 0 : -1}
                title={`${tabLabels[one][0]} (${tabLabels[one][1]})`}
                onClick={() => onTab(one)}
                onKeyDown={(event) => {
                  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
                  if (by === undefined) return;
                  event.preventDefault();
                  const next = spanTabs[(spanTabs.indexOf(one) + by + spanTabs.length) % spanTabs.length]!;
                  onTab(next);
                  document.getElementById(`tab-${next}`)?.focus();
                }}
              >
                {tabLabels[one][0]}
              </button>
            ))}
          </div>
          {span?.role === "model" && <CopyAs span={span} />}
        </div>
      </header>
      <div className="span-body" id="span-body" role="tabpanel" aria-labelledby={`tab-${tab}`} tabIndex={0} ref={body}>
        {running && (
          <p className="chat-waiting muted">It is still running. Its texts, usage and price come when it ends.</p>
        )}
        {error && <ProblemView error={error} retry={() => void refetch()} />}
        {!span && !error && !running && <p className="chat-waiting muted">Reading span {spanId} …</p>}
        {span && mayHaveTries(span) && (
          <Tries
            traceId={trace.trace_id}
            spanId={spanId}
            onShow={(id) => {
              const at = table.indexOf(id);
              if (at !== undefined) props.onJump(at);
            }}
          />
        )}
        {span && <Content {...props} span={span} index={index} />}
      </div>
    </section>
  );
}

/** A later try says so, and a first one that failed may have been tried again. */
function mayHaveTries({ role, attempt, outcome }: SpanDetail): boolean {
  return role === "model" && (attempt > 1 || outcome !== "ok");
}

function Content({
  span,
  index,
  trace,
  table,
  tab,
  comparedWith,
  onCompare,
  onJump,
}: SpanPanelProps & { readonly span: SpanDetail; readonly index: number | undefined }) {
  switch (tab) {
    case "messages": {
      const before = index === undefined ? undefined : callBefore(table, index);
      return (
        <Chat
          key={span.span_id}
          span={span}
          before={before === undefined ? undefined : table.ids[before]}
          onTool={(name, nth) => {
            const tool = index === undefined ? undefined : toolSpanOf(table, index, name, nth);
            return tool === undefined ? undefined : () => onJump(tool);
          }}
        />
      );
    }
    case "bytes":
      return <BytesView key={span.span_id} span={span} />;
    case "attributes":
      return <AttributesView span={span} />;
    case "difference":
      return <DifferenceView {...{ trace, table, span, onCompare }} other={comparedWith} />;
    case "again":
      return <AskAgain key={span.span_id} span={span} />;
  }
}

/** Two lines always, so that nothing below jumps when the span has come. */
function Facts({ span, running }: { readonly span: SpanDetail | undefined; readonly running: boolean }) {
  if (!span) return <p className="span-facts muted">{running ? "running" : " "}</p>;
  const { role, usage_state: usage, aggregate } = span;
  const model = span.response_model || span.request_model;
  return (
    <p className="span-facts numbers">
      {model && <span title={span.provider}>{model}</span>}
      {!model && role !== "other" && <span>{span.tool_name || role}</span>}
      <span>
        {duration(span.duration_us)}
        {span.time_to_first_chunk_us !== null && (
          <span className="muted"> first chunk {duration(span.time_to_first_chunk_us)}</span>
        )}
      </span>
      {usage !== "none" && usage !== "unknown" && (
        <span>
          {count(span.input_tokens)} in
          {span.cache_read_tokens > 0 && <span className="muted"> ({shortCount(span.cache_read_tokens)} cached)</span>}{" "}
          <Icon name="right" /> {count(span.output_tokens)} out
          {span.reasoning_tokens > 0 && <span className="muted"> ({shortCount(span.reasoning_tokens)} reasoning)</span>}
        </span>
      )}
      {usage === "unknown" && <span className="warning">usage unknown</span>}
      {span.price_state === "priced" && (
        <span title={`${exactMoney(span.cost)} by ${span.price_rule}`}>
          {aggregate ? <s>{money(span.cost)}</s> : money(span.cost)}
        </span>
      )}
      {span.price_state === "estimated" && (
        <span title="estimated: not part of exact cost">~{money(span.estimated_cost)}</span>
      )}
      {span.price_state === "unknown_model" && <span className="warning">no price for the model</span>}
      {aggregate && <span className="note">not counted: told again by calls below</span>}
    </p>
  );
}
