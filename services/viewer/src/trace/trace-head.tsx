import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { TraceSummary } from "../api/client.ts";
import { count, plural, shortCount } from "../format/count.ts";
import { duration } from "../format/duration.ts";
import { Flow } from "../format/flow.tsx";
import { exactMoney, money } from "../format/money.ts";
import { ago, dayAndClock } from "../format/time.ts";
import { OutcomeMark } from "./outcome-mark.tsx";
import { replayedTrace, replayTagOf } from "./replay-tag.ts";
import "./trace-head.css";

interface TraceHeadProps {
  readonly trace: TraceSummary;
  readonly syntheticRoot: boolean;
  readonly now: number;
}

/** What the trace is and what it came to, counted once. */
export function TraceHead({ trace, syntheticRoot, now }: TraceHeadProps) {
  const open = trace.state === "open";
  const took = open ? Math.max(trace.duration_us, (now - Date.parse(trace.start_time)) * 1000) : trace.duration_us;
  const replayed = replayedTrace(trace.tags);
  const unpriced = trace.unpriced_calls + trace.unknown_usage_calls;
  return (
    <header className="trace-head">
      <div className="trace-title">
        <h1 className="cut" title={trace.name}>
          {trace.name || "(no root yet)"}
        </h1>
        {open && <span className="state state-open">running</span>}
        {trace.state === "partial" && (
          <span className="state" title={partly(trace, syntheticRoot)}>
            partial
          </span>
        )}
        <OutcomeMark outcome={trace.outcome} message={trace.message} />
        {trace.message && <span className="cut muted trace-message">{trace.message}</span>}
      </div>
      <dl className="facts">
        <Fact name="Started">
          <time dateTime={trace.start_time} title={trace.start_time}>
            {dayAndClock(trace.start_time)} <span className="muted">{ago(trace.start_time, now)}</span>
          </time>
        </Fact>
        <Fact name="Took">{duration(took)}</Fact>
        <Fact name="Cost">
          <span title={exactMoney(trace.cost)}>{money(trace.cost)}</span>
          {trace.estimated_calls > 0 && <span className="muted"> + ~{money(trace.estimated_cost)}</span>}
          {unpriced > 0 && <span className="warning"> {plural(unpriced, "call")} unpriced</span>}
        </Fact>
        <Fact name="Tokens">
          <span
            title={`${count(trace.input_tokens)} in, ${count(trace.cache_read_tokens)} of it cached; ${count(trace.output_tokens)} out`}
          >
            <Flow from={shortCount(trace.input_tokens)} to={shortCount(trace.output_tokens)} />
          </span>
        </Fact>
        <Fact name="Spans">
          {count(trace.spans + trace.open_spans)}{" "}
          <span className="muted">
            {plural(trace.calls, "call")}, {plural(trace.tool_calls, "tool")}
          </span>
        </Fact>
        {trace.user_id && (
          <Fact name="User">
            <Link to="/traces" search={{ user: trace.user_id, range: "30d" }}>
              {trace.user_id}
            </Link>
          </Fact>
        )}
        {trace.conversation_id && (
          <Fact name="Conversation">
            <Link to="/traces" search={{ conversation: trace.conversation_id, range: "30d" }}>
              {trace.conversation_id}
            </Link>
          </Fact>
        )}
        <Fact name="Trace">
          <code className="trace-id">{trace.trace_id}</code>
        </Fact>
        {replayed === undefined ? (
          <Fact name="Replays">
            <Link to="/traces" search={{ tag: replayTagOf(trace.trace_id), range: "30d" }}>
              of it
            </Link>
          </Fact>
        ) : (
          <Fact name="Replay of">
            <Link
              to="/traces/$traceId/compare/$other"
              params={{ traceId: replayed, other: trace.trace_id }}
              title="Both side by side"
            >
              <code>{replayed.slice(0, 8)}</code>
            </Link>
          </Fact>
        )}
      </dl>
    </header>
  );
}

function partly(trace: TraceSummary, syntheticRoot: boolean): string {
  const missing = trace.missing_parents > 0 ? `${plural(trace.missing_parents, "parent")} never came` : "";
  return [missing, syntheticRoot ? "it has not exactly one root" : "", trace.has_cycle ? "it has a cycle" : ""]
    .filter(Boolean)
    .join("; ");
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
