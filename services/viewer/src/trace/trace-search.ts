import { textOf } from "../layout/query-string.ts";

export const spanTabs = ["messages", "bytes", "attributes", "difference", "again"] as const;
export type SpanTab = (typeof spanTabs)[number];

/** What the address says of a trace's page. */
export interface TraceSearch {
  /** The span at hand. */
  readonly span?: string;
  readonly tab?: SpanTab;
  /** Searched for in the tree. */
  readonly find?: string;
  /** Milliseconds from the start of the trace, `FROM-TO`: the part that the waterfall shows. */
  readonly zoom?: string;
  /** The trace that the span is compared with. */
  readonly with?: string;
  /** What the checks found is shown. */
  readonly diagnosis?: "open" | "";
}

export function traceSearch(raw: Readonly<Record<string, unknown>>): TraceSearch {
  const span = textOf(raw.span);
  const tab = textOf(raw.tab);
  const find = textOf(raw.find);
  const zoom = textOf(raw.zoom);
  const other = textOf(raw.with);
  return {
    ...(span && /^[0-9a-f]{16}$/.test(span) ? { span } : {}),
    ...(spanTabs.find((known) => known === tab) ? { tab: tab as SpanTab } : {}),
    ...(find ? { find } : {}),
    ...(zoom && /^-?[\d.]+-[\d.]+$/.test(zoom) ? { zoom } : {}),
    ...(other && /^[0-9a-f]{32}$/.test(other) ? { with: other } : {}),
    ...(textOf(raw.diagnosis) === "open" ? { diagnosis: "open" as const } : {}),
  };
}
