import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { answered, api } from "../api/client.ts";
import type { operations } from "../api/openapi.d.ts";
import { count, plural } from "../format/count.ts";
import { duration } from "../format/duration.ts";
import { money } from "../format/money.ts";
import { dayAndClock } from "../format/time.ts";
import { ProblemView } from "../layout/problem-view.tsx";
import { OutcomeMark } from "../trace/outcome-mark.tsx";
import { FinalOutput } from "./final-output.tsx";
import "./compare-page.css";
import "../trace/tones.css";

type Comparison = operations["compareTraces"]["responses"][200]["content"]["application/json"];
type Row = Comparison["rows"][number];

const route = getRouteApi("/traces/$traceId/compare/$other");
/** More lines than a person reads; the API and the command line have all. */
const mostLines = 1000;

/**
 * Two traces with their trees laid on each other: what only one has, and where what was said differs. Of a recording and its
 * replay this is the report, in its words.
 */
export function ComparePage() {
  const { traceId, other } = route.useParams();
  const [all, setAll] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: ["compare", traceId, other],
    queryFn: ({ signal }) =>
      answered(
        api.GET("/v1/traces/{trace_id}/compare/{other}", { params: { path: { trace_id: traceId, other } }, signal }),
      ),
  });
  const isReplay = data?.right.environments.includes("replay") ?? false;
  const roots = data?.rows.find(({ depth, left, right }) => depth === 0 && left !== null && right !== null);
  const differing = data?.rows.filter((row) => differencesOf(row).length > 0) ?? [];
  const rows = all ? (data?.rows ?? []) : differing;
  return (
    <div className="page compare">
      <header className="page-head">
        <h1>{isReplay ? "A recording and its replay" : "Two traces"}</h1>
        {data && (
          <span className="muted">
            {differing.length === 0 ? "nothing differs" : `${plural(differing.length, "span")} differ`}
          </span>
        )}
        <span className="push" />
        <button type="button" className="button" aria-pressed={all} onClick={() => setAll(!all)}>
          All spans
        </button>
      </header>
      {error ? (
        <ProblemView error={error} retry={() => void refetch()} />
      ) : !data ? (
        <p className="muted" aria-busy="true">
          Reading both …
        </p>
      ) : (
        <>
          <Sides left={data.left} right={data.right} />
          {isReplay && (
            <p className="muted">
              What a recording answered cost nothing in the replay: the command's report has what it would have cost.
            </p>
          )}
          {data.truncated && (
            <p className="warning">One of them is larger than what is compared: its end is left out.</p>
          )}
          {roots && (
            <FinalOutput left={[traceId, roots.left?.span_id ?? ""]} right={[other, roots.right?.span_id ?? ""]} />
          )}
          {rows.length > 0 && <Rows {...{ rows: rows.slice(0, mostLines), traceId, other, isReplay }} />}
          {rows.length > mostLines && (
            <p className="muted">And {count(rows.length - mostLines)} more: spanhouse compare shows them.</p>
          )}
        </>
      )}
    </div>
  );
}

/** By how much the second is more or less than the first. */
const changes: Readonly<Record<string, (left: Comparison["left"], right: Comparison["left"]) => string>> = {
  took: (left, right) => changeOf(left.duration_us, right.duration_us),
  cost: (left, right) => changeOf(Number(left.cost), Number(right.cost)),
};

function changeOf(before: number | null, after: number | null): string {
  if (!before || after === null || before === after) return "";
  const percent = Math.round((after / before - 1) * 100);
  return `${percent < 0 ? "−" : "+"}${Math.abs(percent)} %`;
}

function Sides({ left, right }: Pick<Comparison, "left" | "right">) {
  const facts: readonly (readonly [string, (side: Comparison["left"]) => string])[] = [
    ["started", ({ start_time }) => dayAndClock(start_time)],
    ["took", ({ duration_us }) => duration(duration_us)],
    ["cost", ({ cost }) => money(cost)],
    ["calls", ({ calls }) => count(calls)],
    ["spans", ({ spans }) => count(spans)],
    ["outcome", ({ outcome }) => outcome ?? "running"],
    ["models", ({ response_models }) => response_models.join(", ")],
    ["releases", ({ releases }) => releases.join(", ")],
  ];
  return (
    <div className="compare-scroll">
      <table className="compare-table">
        <thead>
          <tr>
            <td />
            {[left, right].map(({ trace_id, name }) => (
              <th key={trace_id} scope="col">
                <Link to="/traces/$traceId" params={{ traceId: trace_id }}>
                  {name || trace_id.slice(0, 8)} <code>{trace_id.slice(0, 8)}</code>
                </Link>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {facts.map(([title, of]) => (
            <tr key={title} className={of(left) === of(right) ? "" : "differs"}>
              <th scope="row">{title}</th>
              <td>{of(left)}</td>
              <td>
                {of(right)} <span className="muted">{changes[title]?.(left, right)}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowsProps {
  readonly rows: readonly Row[];
  readonly traceId: string;
  readonly other: string;
  readonly isReplay: boolean;
}

function Rows({ rows, traceId, other, isReplay }: RowsProps) {
  return (
    <section className="compare-scroll" aria-label="Spans of both" tabIndex={0}>
      <table className="compare-table compare-rows">
        <thead>
          <tr>
            <th scope="col">Span</th>
            <th scope="col">{isReplay ? "Recorded" : "First"}</th>
            <th scope="col">{isReplay ? "Replayed" : "Second"}</th>
            <th scope="col">{isReplay ? "Verdict" : "Differs"}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Line key={`${row.left?.span_id}${row.right?.span_id}`} {...{ row, traceId, other, isReplay }} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Line({ row, traceId, other, isReplay }: Omit<RowsProps, "rows"> & { readonly row: Row }) {
  const { depth, name, role, left, right } = row;
  const side = (one: Row["left"], id: string, with_: string) =>
    one === null ? (
      <span className="muted">none</span>
    ) : (
      <Link
        to="/traces/$traceId"
        params={{ traceId: id }}
        search={{ span: one.span_id, tab: "difference", with: with_ }}
      >
        {duration(one.duration_us)} {money(one.cost)} <OutcomeMark outcome={one.outcome} message="" />
      </Link>
    );
  return (
    <tr>
      <th scope="row">
        <span className={`compare-name compare-depth-${Math.min(depth, 8)}`}>
          <span className={`dot tone-${role}`} /> {name}
        </span>
      </th>
      <td className="numbers">{side(left, traceId, other)}</td>
      <td className="numbers">{side(right, other, traceId)}</td>
      <td>{isReplay ? verdictOf(row) : differencesOf(row).join(", ") || <span className="muted">nothing</span>}</td>
    </tr>
  );
}

/** As `spanhouse replay` says it. */
function verdictOf({ left, right, request, response }: Row): string {
  if (left === null) return "new";
  if (right === null) return "gone";
  if (request === "different") return "changed prompt";
  return response === "different" || left.outcome !== right.outcome ? "changed answer" : "same";
}

function differencesOf({ left, right, request, response }: Row): string[] {
  if (left === null) return ["only the second has it"];
  if (right === null) return ["only the first has it"];
  return [
    ...(request === "different" ? ["prompt"] : []),
    ...(response === "different" ? ["answer"] : []),
    ...(left.response_model === right.response_model ? [] : ["model"]),
    ...(left.outcome === right.outcome ? [] : ["outcome"]),
  ];
}
