import { useMutation, useQuery } from "@tanstack/react-query";
import { answered, api } from "../api/client.ts";
import type { components } from "../api/openapi.d.ts";
import { plural } from "../format/count.ts";
import { Icon } from "../layout/icon.tsx";
import { ProblemView } from "../layout/problem-view.tsx";
import { diagnosisQuery, missingToolsQuery } from "./diagnosis-queries.ts";
import "./diagnosis-panel.css";

type Finding = components["schemas"]["Finding"];
type MissingTool = components["schemas"]["MissingTool"];

interface DiagnosisPanelProps {
  readonly traceId: string;
  readonly spans: number;
  readonly onJump: (spanId: string) => void;
  readonly onClose: () => void;
}

/** What the checks found wrong, each with its evidence and a fix; and what is missing of tools. */
export function DiagnosisPanel({ traceId, spans, onJump, onClose }: DiagnosisPanelProps) {
  const diagnosis = useQuery(diagnosisQuery(traceId, spans));
  const missing = useQuery(missingToolsQuery(traceId, spans));
  const told = new Set(
    diagnosis.data?.findings.filter(({ check }) => check === "tool_span_missing").map(({ span_id }) => span_id),
  );
  const untold = missing.data?.missing.filter(({ span_id }) => !told.has(span_id)) ?? [];
  const findings = diagnosis.data?.findings ?? [];
  return (
    <section className="diagnosis" aria-label="Diagnosis">
      <header className="diagnosis-head">
        <h2>Diagnosis</h2>
        {diagnosis.data && (
          <span className="muted">
            {findings.length === 0 ? "nothing found" : plural(findings.length, "finding")} in{" "}
            {diagnosis.data.examined < diagnosis.data.spans ? `the first ${diagnosis.data.examined} of ` : ""}
            {plural(diagnosis.data.spans, "call and tool", "calls and tools")}
          </span>
        )}
        <button
          type="button"
          className="bar-button push"
          aria-label="Close the diagnosis"
          title="Close (f)"
          onClick={onClose}
        >
          <Icon name="cross" />
        </button>
      </header>
      {diagnosis.error && <ProblemView error={diagnosis.error} retry={() => void diagnosis.refetch()} />}
      {!diagnosis.data && !diagnosis.error && <p className="muted">Reading what was said …</p>}
      {findings.length > 0 && (
        <ol className="diagnosis-list">
          {findings.map((finding, at) => (
            <li key={`${finding.check}${finding.span_id}${at}`}>
              <FindingLine finding={finding} onJump={onJump} />
            </li>
          ))}
        </ol>
      )}
      {untold.length > 0 && (
        <ul className="diagnosis-list">
          {untold.map((tool) => (
            <li key={`${tool.kind}${tool.span_id}${tool.tool_call_id}`}>
              <MissingLine tool={tool} onJump={onJump} />
            </li>
          ))}
        </ul>
      )}
      {findings.length > 0 && <Suggestions key={traceId} traceId={traceId} />}
    </section>
  );
}

function FindingLine({ finding, onJump }: { readonly finding: Finding; readonly onJump: (spanId: string) => void }) {
  const { severity, check, says, fix, evidence, span_id } = finding;
  const { field, start, end, text } = evidence;
  return (
    <>
      <p>
        <span className={`severity severity-${severity}`}>{severity}</span>{" "}
        <strong>{check.replaceAll("_", " ")}</strong>{" "}
        <button type="button" className="button" onClick={() => onJump(span_id)}>
          Show the span
        </button>
      </p>
      <p>{says}</p>
      <p className="diagnosis-evidence">
        <span className="muted">
          {field === null
            ? "seen"
            : `in its ${field.replaceAll("_", " ")}${start === null ? "" : `, bytes ${start} to ${end}`}`}
          :
        </span>{" "}
        <code>{text}</code>
      </p>
      <p>
        <span className="muted">Fix:</span> {fix}
      </p>
    </>
  );
}

function MissingLine({ tool, onJump }: { readonly tool: MissingTool; readonly onJump: (spanId: string) => void }) {
  return (
    <p>
      <span className="severity severity-info">missing</span>{" "}
      {tool.kind === "tool_span"
        ? `The call of ${tool.tool_name} has no span${tool.returned ? ", though its result came back" : ""}.`
        : `The result of ${tool.tool_name} goes back to no model.`}{" "}
      <button type="button" className="button" onClick={() => onJump(tool.span_id)}>
        Show the span
      </button>
    </p>
  );
}

/** A model's proposals, when they are asked for: marked as what they are. */
function Suggestions({ traceId }: { readonly traceId: string }) {
  const suggestion = useMutation({
    mutationFn: () =>
      answered(api.POST("/v1/traces/{trace_id}/suggestion", { params: { path: { trace_id: traceId } } })),
  });
  const { data } = suggestion;
  return (
    <div className="suggestions" aria-live="polite">
      <button type="button" className="button" disabled={suggestion.isPending} onClick={() => suggestion.mutate()}>
        {suggestion.isPending ? "Asking the model …" : "Ask a model for proposals"}
      </button>
      {suggestion.error && <ProblemView error={suggestion.error} />}
      {data && (
        <>
          <p>
            <span className="note">Generated by {data.model}: nobody has checked it.</span>{" "}
            {data.proposals.length === 0 && "It proposes nothing."}
          </p>
          <ol className="diagnosis-list">
            {data.proposals.map((one) => (
              <li key={one.title}>
                <p>
                  <strong>{one.title}</strong> <span className="muted">{one.change}</span>
                </p>
                <p>{one.reason}</p>
                <pre>{one.proposal}</pre>
              </li>
            ))}
          </ol>
        </>
      )}
    </div>
  );
}
