import type { TreeNode } from "../api/client.ts";
import "./outcome-mark.css";

const marks = {
  error: "✕",
  refused: "⊘",
  filtered: "⊘",
  truncated: "…",
  aborted: "◼",
} as const;

/** Nothing for what went well: what stands out is what a person looks for. */
export function OutcomeMark({
  outcome,
  message,
}: {
  readonly outcome: TreeNode["outcome"];
  readonly message?: string;
}) {
  if (outcome === null || outcome === "ok") return null;
  return (
    <span className={`mark mark-${outcome}`} title={message ? `${outcome}: ${message}` : outcome}>
      <span aria-hidden="true">{marks[outcome]}</span>
      <span className="mark-word">{outcome}</span>
    </span>
  );
}
