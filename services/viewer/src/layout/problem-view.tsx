import { Link } from "@tanstack/react-router";
import { ProblemError, remedyOf } from "../api/problem.ts";
import "./problem-view.css";

/** An error with its code and what to do, in the place of what could not be shown. */
export function ProblemView({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) {
  const problem =
    error instanceof ProblemError
      ? error
      : new ProblemError("INTERNAL", 0, `A defect of this page: ${error instanceof Error ? error.message : "unknown"}`);
  const remedy = remedyOf(problem);
  return (
    <div className="problem" role="alert">
      <p>
        <code>{problem.code}</code>
        {problem.status > 0 && <span className="muted"> {problem.status}</span>}
      </p>
      <p>{problem.message}</p>
      {remedy && <p className="muted">{remedy}</p>}
      <p className="problem-ways">
        {retry && (
          <button type="button" className="button" onClick={retry}>
            Try again
          </button>
        )}
        {(problem.status === 401 || problem.status === 403) && (
          <Link
            to="/login"
            search={{ next: window.location.pathname + window.location.search }}
            className="button main"
          >
            Log in
          </Link>
        )}
      </p>
    </div>
  );
}
