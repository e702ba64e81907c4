import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, lazy, Suspense } from "react";
import { answered, api, type TraceSummary } from "../api/client.ts";
import { count } from "../format/count.ts";
import { duration } from "../format/duration.ts";
import { money } from "../format/money.ts";
import { dayAndClock } from "../format/time.ts";
import { ProblemView } from "../layout/problem-view.tsx";
import { loadTrace } from "../trace/load-trace.ts";
import type { SpanTable } from "../trace/span-table.ts";
import { counterpartOf } from "./counterpart.ts";
import { messagesText } from "./messages-text.ts";
import { messagesQuery, spanQuery } from "./span-queries.ts";
import type { SpanDetail } from "./span-types.ts";
import "./difference-view.css";

const CodeView = lazy(() => import("./code-view.tsx").then(({ CodeView }) => ({ default: CodeView })));

interface DifferenceViewProps {
  readonly trace: TraceSummary;
  readonly table: SpanTable;
  readonly span: SpanDetail;
  /** The trace to compare with. */
  readonly other: string | undefined;
  readonly onCompare: (traceId: string) => void;
}

/** This span against the one of another trace that does the same. */
export function DifferenceView({ trace, table, span, other, onCompare }: DifferenceViewProps) {
  return (
    <div className="difference">
      <OtherTrace trace={trace} other={other} onCompare={onCompare} />
      {other !== undefined && other !== trace.trace_id && (
        <p className="difference-whole">
          <Link to="/traces/$traceId/compare/$other" params={{ traceId: trace.trace_id, other }}>
            The whole traces side by side
          </Link>
        </p>
      )}
      {other !== undefined && other !== trace.trace_id && (
        <Compared key={other + span.span_id} table={table} span={span} other={other} />
      )}
    </div>
  );
}

function OtherTrace({ trace, other, onCompare }: Pick<DifferenceViewProps, "trace" | "other" | "onCompare">) {
  const candidates = useQuery({
    queryKey: ["candidates", trace.name, trace.end_time],
    queryFn: ({ signal }) => {
      const end = Date.parse(trace.end_time ?? trace.start_time);
      const [from, to] = [-7, 1].map((days) => new Date(end + days * 86_400_000).toISOString());
      const query = { from: from!, to: to!, limit: 20, ...(trace.name ? { name: trace.name } : {}) };
      return answered(api.GET("/v1/traces", { params: { query }, signal }));
    },
  });
  const others = candidates.data?.traces.filter(({ trace_id }) => trace_id !== trace.trace_id) ?? [];
  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const id = String(new FormData(event.currentTarget).get("other")).trim().toLowerCase();
    if (/^[0-9a-f]{32}$/.test(id)) onCompare(id);
  }
  return (
    <form className="difference-choice" onSubmit={submit}>
      <label htmlFor="other">Compare with trace</label>
      <input
        id="other"
        name="other"
        key={other}
        defaultValue={other}
        className="field mono"
        placeholder="32 hex digits"
        pattern="\s*[0-9a-fA-F]{32}\s*"
        list="other-traces"
        required
      />
      <datalist id="other-traces">
        {others.map((one) => (
          <option key={one.trace_id} value={one.trace_id}>
            {`${dayAndClock(one.start_time)} ${one.outcome} ${one.user_id}`}
          </option>
        ))}
      </datalist>
      <button type="submit" className="button">
        Compare
      </button>
      {others.length > 0 && (
        <select
          className="button"
          aria-label="Recent traces of the same name"
          value={others.some(({ trace_id }) => trace_id === other) ? other : ""}
          onChange={(event) => event.target.value && onCompare(event.target.value)}
        >
          <option value="">Recent of the same name …</option>
          {others.map((one) => (
            <option key={one.trace_id} value={one.trace_id}>
              {`${dayAndClock(one.start_time)} · ${one.outcome ?? "running"} · ${duration(one.duration_us)} · ${one.user_id || one.trace_id.slice(0, 8)}`}
            </option>
          ))}
        </select>
      )}
    </form>
  );
}

function Compared({
  table,
  span,
  other,
}: {
  readonly table: SpanTable;
  readonly span: SpanDetail;
  readonly other: string;
}) {
  const loaded = useQuery({
    queryKey: ["compared", other],
    queryFn: ({ signal }) => loadTrace(other, signal, () => undefined),
    structuralSharing: false,
  });
  const index = table.indexOf(span.span_id);
  const found = loaded.data && index !== undefined ? counterpartOf(table, index, loaded.data.table) : undefined;
  const theirId = found === undefined ? undefined : loaded.data?.table.ids[found];
  const theirs = useQuery({ ...spanQuery(other, theirId ?? ""), enabled: theirId !== undefined });
  const theirWords = useQuery({ ...messagesQuery(other, theirId ?? ""), enabled: theirId !== undefined });
  const ourWords = useQuery(messagesQuery(span.trace_id, span.span_id));
  const error = loaded.error ?? theirs.error ?? theirWords.error ?? ourWords.error;
  if (error) return <ProblemView error={error} />;
  if (loaded.data && theirId === undefined) {
    return (
      <p className="chat-waiting muted">
        That trace has no {span.role} span named {span.name}.
      </p>
    );
  }
  if (!theirs.data || !theirWords.data || !ourWords.data) return <p className="chat-waiting muted">Reading both …</p>;
  const [before, now] = [messagesText(theirs.data, theirWords.data), messagesText(span, ourWords.data)];
  return (
    <>
      <table className="difference-facts">
        <thead>
          <tr>
            <td />
            <th scope="col">that trace</th>
            <th scope="col">this trace</th>
          </tr>
        </thead>
        <tbody>
          {factsOf(theirs.data).map(([name, value], at) => {
            const ours = factsOf(span)[at]![1];
            return (
              <tr key={name} className={ours === value ? "" : "differs"}>
                <th scope="row">{name}</th>
                <td>{value}</td>
                <td>{ours}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {before === now ? (
        <p className="chat-waiting muted">Prompt and answer are the same, word for word.</p>
      ) : (
        <Suspense fallback={<p className="chat-waiting muted">…</p>}>
          <CodeView
            text={now}
            original={before}
            label="Prompt and answer of this trace, with what that trace had"
            isJson={false}
          />
        </Suspense>
      )}
    </>
  );
}

function factsOf(span: SpanDetail): readonly (readonly [string, string])[] {
  return [
    ["model", span.response_model || span.request_model],
    ["outcome", span.outcome ?? "running"],
    ["time", duration(span.duration_us)],
    ["first chunk", span.time_to_first_chunk_us === null ? "" : duration(span.time_to_first_chunk_us)],
    ["input tokens", count(span.input_tokens)],
    ["output tokens", count(span.output_tokens)],
    ["cost", money(span.cost)],
    ["prompt", span.prompt],
    ["release", span.release],
  ];
}
