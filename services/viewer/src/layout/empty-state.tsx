import type { ReactNode } from "react";
import "./empty-state.css";

/** Why there is nothing, and what would bring something. */
export function EmptyState({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** What to run where a project has no spans yet. */
export function HowToSend() {
  return (
    <>
      <p>Demonstration traffic through real client libraries:</p>
      <pre>npm start -- --demo</pre>
      <p>Or any OpenTelemetry SDK, with a key of scope ingest:</p>
      <pre>
        {`export OTEL_EXPORTER_OTLP_ENDPOINT=${window.location.protocol}//${window.location.hostname}:4318
export OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20$SPANHOUSE_API_KEY"`}
      </pre>
    </>
  );
}
