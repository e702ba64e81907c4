import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { spanQuery } from "../span/span-queries.ts";

const CodeView = lazy(() => import("../span/code-view.tsx").then(({ CodeView }) => ({ default: CodeView })));

interface FinalOutputProps {
  /** The roots, as trace and span. */
  readonly left: readonly [string, string];
  readonly right: readonly [string, string];
}

/** What both roots gave in the end, the second against the first. */
export function FinalOutput({ left, right }: FinalOutputProps) {
  const [before, after] = [useQuery(spanQuery(...left)).data, useQuery(spanQuery(...right)).data];
  if (!before || !after) return null;
  const [gave, gives] = [textOf(before.response), textOf(after.response)];
  if (gave === "" && gives === "") return null;
  return (
    <section className="compare-output" aria-label="Final output">
      <h2>Final output</h2>
      {gave === gives ? (
        <p className="muted">The same in both.</p>
      ) : (
        <Suspense fallback={<p className="muted">Loading …</p>}>
          <CodeView label="The second's final output against the first's" isJson={false} original={gave} text={gives} />
        </Suspense>
      )}
    </section>
  );
}

function textOf(response: string | null): string {
  try {
    const value: unknown = JSON.parse(response ?? "");
    return typeof value === "string" ? value : JSON.stringify(value, null, 2);
  } catch {
    return response ?? "";
  }
}
