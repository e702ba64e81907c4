import { Link, useNavigate } from "@tanstack/react-router";
import { useRef } from "react";
import type { TraceSummary } from "../api/client.ts";
import { count, shortCount } from "../format/count.ts";
import { duration } from "../format/duration.ts";
import { Flow } from "../format/flow.tsx";
import { exactMoney, money } from "../format/money.ts";
import { ago, dayAndClock } from "../format/time.ts";
import { Icon } from "../layout/icon.tsx";
import { useKeys } from "../layout/use-keys.ts";
import { OutcomeMark } from "../trace/outcome-mark.tsx";
import type { Sort } from "./filters.ts";
import "./trace-table.css";

interface TraceTableProps {
  readonly traces: readonly TraceSummary[];
  readonly sort: Sort;
  readonly now: number;
  readonly busy: boolean;
  readonly onSort: (sort: Sort) => void;
}

/** A line a trace; its name is the link, and j and k go from one to the next. */
export function TraceTable({ traces, sort, now, busy, onSort }: TraceTableProps) {
  const body = useRef<HTMLTableSectionElement>(null);
  useRowKeys(body);
  return (
    <table className="traces" aria-busy={busy}>
      <caption className="unseen">Traces, greatest or newest first</caption>
      <thead>
        <tr>
          <Sortable name="time" {...{ sort, onSort }}>
            Ended
          </Sortable>
          <th scope="col">Trace</th>
          <th scope="col" className="wide">
            User
          </th>
          <th scope="col" className="wider">
            Models
          </th>
          <Sortable name="duration" numeric {...{ sort, onSort }}>
            Took
          </Sortable>
          <th scope="col" className="number wide">
            Calls
          </th>
          <Sortable name="tokens" numeric className="wide" {...{ sort, onSort }}>
            Tokens
          </Sortable>
          <Sortable name="cost" numeric {...{ sort, onSort }}>
            Cost
          </Sortable>
        </tr>
      </thead>
      <tbody ref={body}>
        {traces.map((trace) => (
          <Line key={trace.trace_id} trace={trace} now={now} />
        ))}
      </tbody>
    </table>
  );
}

function Line({ trace, now }: { readonly trace: TraceSummary; readonly now: number }) {
  const navigate = useNavigate();
  const unpriced = trace.unpriced_calls + trace.unknown_usage_calls > 0;
  const models = trace.response_models.length > 0 ? trace.response_models : trace.request_models;
  return (
    <tr
      onClick={(event) => {
        // Text of the line can be marked, and its links are links.
        if (event.target instanceof Element && event.target.closest("a")) return;
        if (window.getSelection()?.toString()) return;
        void navigate({ to: "/traces/$traceId", params: { traceId: trace.trace_id } });
      }}
    >
      <td className="numbers traces-time" title={trace.end_time ?? "running"}>
        {trace.end_time === null ? <span className="state state-open">running</span> : dayAndClock(trace.end_time)}
        {trace.end_time !== null && <span className="muted wider"> {ago(trace.end_time, now)}</span>}
      </td>
      <th scope="row" className="traces-name">
        <div>
          <Link to="/traces/$traceId" params={{ traceId: trace.trace_id }} data-line>
            {trace.name || "(no root yet)"}
          </Link>
          <OutcomeMark outcome={trace.outcome} message={trace.message} />
          {trace.state === "partial" && <span className="state">partial</span>}
          {trace.message && <span className="muted cut">{trace.message}</span>}
        </div>
      </th>
      <td className="wide">
        <span className="cut traces-user">{trace.user_id}</span>
      </td>
      <td className="wider">
        <span className="cut traces-models muted" title={models.join(", ")}>
          {models[0]}
          {models.length > 1 && ` +${models.length - 1}`}
        </span>
      </td>
      <td className="number">{duration(trace.duration_us)}</td>
      <td className="number wide">{count(trace.calls)}</td>
      <td className="number wide">
        <Flow from={shortCount(trace.input_tokens)} to={shortCount(trace.output_tokens)} />
      </td>
      <td className="number" title={exactMoney(trace.cost)}>
        {money(trace.cost)}
        {unpriced && (
          <span className="muted" title="some calls have no price: their usage or model is unknown">
            {" "}
            +?
          </span>
        )}
      </td>
    </tr>
  );
}

interface SortableProps extends Pick<TraceTableProps, "sort" | "onSort"> {
  readonly name: Sort;
  readonly numeric?: boolean;
  readonly className?: string;
  readonly children: string;
}

function Sortable({ name, numeric, className = "", sort, onSort, children }: SortableProps) {
  const on = sort === name;
  return (
    <th scope="col" className={`${numeric ? "number " : ""}${className}`} aria-sort={on ? "descending" : undefined}>
      <button type="button" onClick={() => onSort(name)}>
        {children}
        {on && " "}
        {on && <Icon name="down" />}
      </button>
    </th>
  );
}

/** j and k go from link to link, Home and End to the ends; Enter is the link's own. */
export function useRowKeys(body: React.RefObject<HTMLElement | null>): void {
  const links = () => [...(body.current?.querySelectorAll<HTMLElement>("[data-line]") ?? [])];
  const step = (by: number) => () => {
    const all = links();
    const at = all.indexOf(document.activeElement as HTMLElement);
    all[Math.max(0, Math.min(all.length - 1, at === -1 ? (by > 0 ? 0 : all.length - 1) : at + by))]?.focus();
  };
  const inList =
    (action: () => void) =>
    ({ target }: KeyboardEvent) => {
      if (!(target instanceof Element) || !body.current?.contains(target)) return false;
      action();
      return true;
    };
  useKeys({
    j: step(1),
    k: step(-1),
    ArrowDown: inList(step(1)),
    ArrowUp: inList(step(-1)),
    Home: inList(() => links()[0]?.focus()),
    End: inList(() => links().at(-1)?.focus()),
  });
}
