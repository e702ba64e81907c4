import { getRouteApi } from "@tanstack/react-router";
import { useMemo, useRef, useState } from "react";
import { ProblemView } from "../layout/problem-view.tsx";
import { SpanPanel, type SpanPanelHandle } from "../span/span-panel.tsx";
import { useNow } from "../time/use-now.ts";
import { analyse, findSpans } from "./analysis.ts";
import { DiagnosisPanel } from "./diagnosis-panel.tsx";
import { type LoadedTrace, useTrace } from "./load-trace.ts";
import { Minimap } from "./minimap.tsx";
import { fold, nothingFolded, type Row, reveal, rowsOf, runOf } from "./rows.ts";
import { SpanTree, type SpanTreeHandle } from "./span-tree.tsx";
import { Splitter, useShare } from "./splitter.tsx";
import { TraceHead } from "./trace-head.tsx";
import type { SpanTab, TraceSearch } from "./trace-search.ts";
import { TraceToolbar } from "./trace-toolbar.tsx";
import { useTreeKeys } from "./use-tree-keys.ts";
import { viewOf, zoomOf } from "./zoom.ts";
import "./trace-page.css";

const route = getRouteApi("/traces/$traceId");

export function TracePage() {
  const { traceId } = route.useParams();
  const { loaded, error, retry } = useTrace(traceId);
  if (loaded) return <Trace key={traceId} loaded={loaded} error={error} />;
  if (error !== undefined) return <ProblemView error={error} retry={retry} />;
  return (
    <div className="trace" aria-busy="true">
      <p className="trace-waiting muted">Reading trace {traceId} …</p>
    </div>
  );
}

const tickMs = 250;

function Trace({ loaded, error }: { readonly loaded: LoadedTrace; readonly error: unknown }) {
  const { trace, table, treeSize } = loaded;
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const go = (change: Partial<TraceSearch>, replace = true) =>
    void navigate({ search: (before) => clean({ ...before, ...change }), replace, resetScroll: false });

  const wall = useNow(trace.state === "open" ? tickMs : null);
  const now = (wall - Date.parse(table.origin)) * 1000;
  // Of a trace that runs, only what is drawn ticks; what is computed waits for the next reading.
  const analysis = useMemo(() => analyse(table, (Date.now() - Date.parse(table.origin)) * 1000), [table]);
  const extent =
    trace.state === "open" ? { from: analysis.extent.from, to: Math.max(analysis.extent.to, now) } : analysis.extent;
  const view = viewOf(search.zoom, extent);

  const [folding, setFolding] = useState(() => {
    const at = search.span === undefined ? undefined : table.indexOf(search.span);
    return at === undefined ? nothingFolded : reveal(nothingFolded, table, analysis.marks, at);
  });
  const rows = useMemo(() => rowsOf(table, analysis.marks, folding), [table, analysis, folding]);
  const matches = useMemo(() => findSpans(table, search.find ?? ""), [table, search.find]);
  const matching = useMemo(() => new Set(matches), [matches]);

  const [cursorKey, setCursorKey] = useState<string | undefined>(search.span && `span${search.span}`);
  const cursor = useMemo(() => rows.findIndex((row) => keyOf(row, table.ids) === cursorKey), [rows, table, cursorKey]);
  const [showCritical, setShowCritical] = useState(true);
  const showDiagnosis = search.diagnosis === "open";
  const setShowDiagnosis = (show: boolean) => go({ diagnosis: show ? "open" : "" });
  const [sight, setSight] = useState({ from: 0, to: 1 });
  const [share, setShare] = useShare();
  const tree = useRef<SpanTreeHandle>(null);
  const panel = useRef<SpanPanelHandle>(null);
  const searchField = useRef<HTMLInputElement>(null);

  function moveTo(line: number, openPanel = search.span !== undefined): void {
    const row = rows[Math.max(0, Math.min(rows.length - 1, line))];
    if (!row) return;
    setCursorKey(keyOf(row, table.ids));
    if (openPanel && row.kind === "span") go({ span: table.ids[row.index]! }, search.span !== undefined);
  }
  function foldLine(line: number, open: boolean): void {
    const row = rows[line];
    if (!row) return;
    setFolding(fold(folding, table, row, open));
    setCursorKey(keyOf(row, table.ids));
  }
  function jumpTo(index: number, openPanel = true): void {
    setFolding(reveal(folding, table, analysis.marks, index));
    setCursorKey(`span${table.ids[index]}`);
    if (openPanel) go({ span: table.ids[index]! }, search.span !== undefined);
  }
  /** A run's line stands for all of it: it is shown, folded as it is. */
  function showRun(index: number): void {
    const head = runOf(table, analysis.marks, index) ?? index;
    if (table.parent[head]! >= 0) setFolding(reveal(folding, table, analysis.marks, table.parent[head]!));
    setCursorKey(`group${table.ids[head]}`);
    tree.current?.focus();
  }
  function toMatch(step: 1 | -1): void {
    if (matches.length === 0) return;
    const at = rows[cursor]?.index ?? -1;
    const ahead = step === 1 ? matches.find((match) => match > at) : matches.findLast((match) => match < at);
    jumpTo(ahead ?? (step === 1 ? matches[0]! : matches.at(-1)!), search.span !== undefined);
  }
  const openPanel = (tab?: SpanTab) => {
    const row = rows[cursor];
    if (row?.kind === "span") go({ span: table.ids[row.index]!, ...(tab ? { tab } : {}) }, search.span !== undefined);
    else if (tab && search.span) go({ tab });
  };
  function close(): void {
    if (document.activeElement?.closest(".span-panel, .trace-toolbar")) tree.current?.focus();
    else if (search.span !== undefined) go({ span: "" });
    else if (search.find) go({ find: "" });
  }
  useTreeKeys({
    ...{ rows, table, cursor, moveTo, foldLine, close },
    open: (line) => {
      moveTo(line, true);
      panel.current?.focus();
    },
    others: {
      "/": () => searchField.current?.focus(),
      n: () => toMatch(1),
      N: () => toMatch(-1),
      p: () => setShowCritical(!showCritical),
      "0": () => go({ zoom: "" }),
      c: () => openPanel("messages"),
      b: () => openPanel("bytes"),
      a: () => openPanel("attributes"),
      d: () => openPanel("difference"),
      r: () => openPanel("again"),
      f: () => setShowDiagnosis(!showDiagnosis),
    },
  });

  const selected = search.span;
  return (
    <div className="trace">
      <TraceHead trace={trace} syntheticRoot={loaded.syntheticRoot} now={wall} />
      <TraceToolbar
        ref={searchField}
        find={search.find ?? ""}
        matches={matches.length}
        findings={analysis.findings}
        showCritical={showCritical}
        onFind={(find) => go({ find })}
        onNext={toMatch}
        onFinding={(finding) => (finding.kind === "repeated" ? showRun(finding.index) : jumpTo(finding.index))}
        onCritical={setShowCritical}
        showDiagnosis={showDiagnosis}
        onDiagnosis={setShowDiagnosis}
      />
      {showDiagnosis && (
        <DiagnosisPanel
          traceId={trace.trace_id}
          spans={trace.spans}
          onJump={(id) => {
            const at = table.indexOf(id);
            if (at !== undefined) jumpTo(at);
          }}
          onClose={() => {
            setShowDiagnosis(false);
            tree.current?.focus();
          }}
        />
      )}
      {table.size < treeSize && (
        <p className="trace-loading" role="status">
          {table.size.toLocaleString("en-US")} of {treeSize.toLocaleString("en-US")} spans are here
        </p>
      )}
      {error !== undefined && <ProblemView error={error} />}
      <div
        className={`trace-body${selected ? " trace-split" : ""}`}
        style={{ "--tree-share": `${share}%` } as React.CSSProperties}
      >
        <section className="trace-tree" aria-label="Tree and waterfall">
          <Minimap
            {...{ table, rows, extent, view, sight, now }}
            onZoom={(zoom) => go({ zoom: zoom ? zoomOf(zoom) : "" })}
          />
          <SpanTree
            ref={tree}
            {...{ table, analysis, rows, view, cursor, showCritical, now }}
            matches={matching}
            onPick={(line) => {
              const row = rows[line]!;
              if (row.kind === "group") foldLine(line, !row.expanded);
              else moveTo(line, true);
            }}
            onFold={(line) => {
              const row = rows[line]!;
              if (row.kind !== "gap") foldLine(line, !row.expanded);
            }}
            onScroll={(first, last) => setSight({ from: first / rows.length, to: (last + 1) / rows.length })}
          />
        </section>
        {selected && (
          <>
            <Splitter share={share} onShare={setShare} />
            <SpanPanel
              ref={panel}
              trace={trace}
              spanId={selected}
              table={table}
              tab={search.tab ?? "messages"}
              comparedWith={search.with}
              onTab={(tab) => go({ tab })}
              onCompare={(other) => go({ with: other })}
              onClose={() => {
                go({ span: "" });
                tree.current?.focus();
              }}
              onJump={jumpTo}
            />
          </>
        )}
      </div>
    </div>
  );
}

function keyOf(row: Row, ids: readonly string[]): string {
  return `${row.kind}${ids[row.index]}`;
}

/** Without what is empty, so that the address says only what is asked. */
function clean(search: TraceSearch): TraceSearch {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined && value !== ""));
}
