import type { Ref } from "react";
import { count } from "../format/count.ts";
import type { Finding } from "./findings.ts";
import "./trace-toolbar.css";

interface TraceToolbarProps {
  readonly find: string;
  readonly matches: number;
  readonly findings: readonly Finding[];
  readonly showCritical: boolean;
  readonly onFind: (text: string) => void;
  readonly onNext: (step: 1 | -1) => void;
  readonly onFinding: (finding: Finding) => void;
  readonly onCritical: (show: boolean) => void;
  readonly showDiagnosis: boolean;
  readonly onDiagnosis: (show: boolean) => void;
  readonly ref: Ref<HTMLInputElement>;
}

/** Search in the trace, and where to look first. */
export function TraceToolbar(props: TraceToolbarProps) {
  const { find, matches, findings, showCritical, onFind, onNext, onFinding, onCritical, ref } = props;
  const { showDiagnosis, onDiagnosis } = props;
  return (
    <div className="trace-toolbar">
      <search className="trace-find">
        <input
          ref={ref}
          type="search"
          className="field"
          placeholder="Find a span  /"
          aria-label="Find a span by name, model, tool, message or outcome"
          value={find}
          onChange={(event) => onFind(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter") return;
            event.preventDefault();
            onNext(event.shiftKey ? -1 : 1);
          }}
        />
        <span className="numbers muted" role="status">
          {find && `${count(matches)} found`}
        </span>
      </search>
      <ul className="findings" aria-label="Where to look first">
        {findings.map((finding) => (
          <li key={finding.kind}>
            <button type="button" className={`finding finding-${finding.kind}`} onClick={() => onFinding(finding)}>
              <span className="finding-label">{finding.label}</span>
              <span className="cut">{finding.value}</span>
            </button>
          </li>
        ))}
      </ul>
      <button
        type="button"
        className="button trace-critical"
        aria-pressed={showCritical}
        title="What the end of the trace waited for (p)"
        onClick={() => onCritical(!showCritical)}
      >
        Critical path
      </button>
      <button
        type="button"
        className="button"
        aria-pressed={showDiagnosis}
        title="What is wrong, by checks of what was said (f)"
        onClick={() => onDiagnosis(!showDiagnosis)}
      >
        Diagnosis
      </button>
    </div>
  );
}
