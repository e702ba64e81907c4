import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { count } from "../format/count.ts";
import { ProblemView } from "../layout/problem-view.tsx";
import { CopyButton } from "./copy-button.tsx";
import { prettyText } from "./json-block.tsx";
import { bytesQuery, textPath } from "./span-queries.ts";
import { type SpanDetail, type SpanText, spanTexts } from "./span-types.ts";
import "./bytes-view.css";

const CodeView = lazy(() => import("./code-view.tsx").then(({ CodeView }) => ({ default: CodeView })));

const labels: Readonly<Record<SpanText, string>> = {
  request: "Request",
  response: "Response",
  tool_arguments: "Arguments",
  tool_result: "Result",
};

const fidelities: Readonly<Record<SpanDetail["fidelity"], string>> = {
  exact: "the bytes of the wire",
  reconstructed: "as the instrumentation wrote them, not the bytes of the wire",
  redacted: "parts were taken out before they were sent here",
  absent: "no request or response was recorded",
};

/** The texts of a span as they were received: not a byte is changed until `indented` is asked for. */
export function BytesView({ span }: { readonly span: SpanDetail }) {
  const present = spanTexts.filter((text) => span.text_bytes[text] > 0);
  const [wanted, choose] = useState<SpanText>();
  const [indented, setIndented] = useState(false);
  const text = present.find((one) => one === wanted) ?? present[0];
  const { data, error, isPending } = useQuery({
    ...bytesQuery(span.trace_id, span.span_id, text ?? "request"),
    enabled: text !== undefined,
  });
  if (text === undefined)
    return <p className="chat-waiting muted">No text is stored for this span: {fidelities.absent}.</p>;
  if (error) return <ProblemView error={error} />;
  const exact = data ? new TextDecoder().decode(data) : "";
  const pretty = indented ? prettyText(exact) : exact;
  return (
    <div className="bytes">
      <div className="bytes-bar">
        {present.map((one) => (
          <button key={one} type="button" className="button" aria-pressed={one === text} onClick={() => choose(one)}>
            {labels[one]} <span className="muted numbers">{count(span.text_bytes[one])} B</span>
          </button>
        ))}
        <span className="bytes-end">
          <button type="button" className="button" aria-pressed={indented} onClick={() => setIndented(!indented)}>
            Indented
          </button>
          <CopyButton text={() => exact} label="Copy" />
          <a className="button" href={textPath(span.trace_id, span.span_id, text)} download={`${span.span_id}-${text}`}>
            Save
          </a>
        </span>
      </div>
      <p className="bytes-note muted">
        {indented && pretty !== exact ? "Indented for reading" : "Every byte as received"}: {fidelities[span.fidelity]}.
      </p>
      {isPending ? (
        <p className="chat-waiting muted">Reading {count(span.text_bytes[text])} bytes …</p>
      ) : (
        <Suspense fallback={<pre className="bytes-plain">{pretty.slice(0, 4000)}</pre>}>
          <CodeView
            text={pretty}
            label={`${labels[text]}, ${indented ? "indented" : "exact bytes"}`}
            isJson={/^\s*[[{]/.test(exact)}
          />
        </Suspense>
      )}
    </div>
  );
}
