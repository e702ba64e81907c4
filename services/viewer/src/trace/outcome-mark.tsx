import type { TreeNode } from "../api/client.ts";
import { Icon, type IconName } from "../layout/icon.tsx";
import "./outcome-mark.css";

const marks = {
  error: "cross",
  refused: "barred",
  filtered: "barred",
  truncated: "cut",
  aborted: "stopped",
} as const satisfies Readonly<Record<string, IconName>>;

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
      <Icon name={marks[outcome]} />
      <span className="mark-word">{outcome}</span>
    </span>
  );
}
