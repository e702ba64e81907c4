import { useQuery } from "@tanstack/react-query";
import { answered, api } from "../api/client.ts";
import { duration } from "../format/duration.ts";
import { ProblemView } from "../layout/problem-view.tsx";
import { OutcomeMark } from "../trace/outcome-mark.tsx";
import "./tries.css";

interface TriesProps {
  readonly traceId: string;
  readonly spanId: string;
  readonly onShow: (spanId: string) => void;
}

/** The tries of one call, with the waits between them: nothing of a call that was tried once. */
export function Tries({ traceId, spanId, onShow }: TriesProps) {
  const { data, error } = useQuery({
    queryKey: ["tries", traceId, spanId],
    queryFn: ({ signal }) =>
      answered(
        api.GET("/v1/traces/{trace_id}/spans/{span_id}/tries", {
          params: { path: { trace_id: traceId, span_id: spanId } },
          signal,
        }),
      ),
    staleTime: 60_000,
  });
  if (error) return <ProblemView error={error} />;
  if (!data || data.tries.length < 2) return null;
  return (
    <section className="tries" aria-label="Tries of this call">
      <ol>
        {data.tries.map((one) => (
          <li key={one.span_id}>
            {one.wait_us !== null && <span className="muted">after {duration(one.wait_us)} </span>}
            <button
              type="button"
              className="button"
              aria-current={one.span_id === spanId ? "true" : undefined}
              onClick={() => onShow(one.span_id)}
            >
              Try {one.attempt}
              <OutcomeMark outcome={one.outcome} message={one.error_type} />
              <span className="numbers">{duration(one.duration_us)}</span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}
