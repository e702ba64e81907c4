import type { operations } from "../api/openapi.d.ts";
import { textOf } from "../layout/query-string.ts";
import { type TimeSearch, timeSearch } from "../time/time-range.ts";

type ListQuery = NonNullable<operations["listTraces"]["parameters"]["query"]>;
export type FilterName = Exclude<keyof ListQuery, "from" | "to" | "limit" | "cursor" | "sort">;
export type Facet =
  operations["getTraceFacets"]["responses"][200]["content"]["application/json"]["facets"][number]["facet"];

export interface Filter {
  readonly name: FilterName;
  readonly label: string;
  /** Where its values are found: among the traces themselves, in a fixed list, or typed by hand. */
  readonly values: "facet" | readonly string[] | "typed";
  /** What a person types, where it is typed. */
  readonly example?: string;
}

const outcomes = ["ok", "truncated", "aborted", "filtered", "refused", "error"] as const;

/** In the order in which they are offered. */
export const filters: readonly Filter[] = [
  { name: "user", label: "User", values: "facet" },
  { name: "conversation", label: "Conversation", values: "facet" },
  { name: "name", label: "Trace name", values: "facet" },
  { name: "outcome", label: "Outcome of any span", values: outcomes },
  { name: "error_class", label: "Error class", values: "facet" },
  { name: "refusal", label: "Refusal", values: ["explicit", "filtered", "suspected"] },
  { name: "text", label: "Words in prompt or answer", values: "typed", example: "refund" },
  { name: "tool", label: "Tool", values: "facet" },
  { name: "response_model", label: "Returned model", values: "facet" },
  { name: "request_model", label: "Requested model", values: "facet" },
  { name: "model", label: "Model, requested or returned", values: "typed", example: "gpt-4.1" },
  { name: "provider", label: "Provider", values: "facet" },
  { name: "operation", label: "Operation", values: "facet" },
  { name: "feature", label: "Feature", values: "facet" },
  { name: "service", label: "Service", values: "facet" },
  { name: "environment", label: "Environment", values: "facet" },
  { name: "release", label: "Release", values: "facet" },
  { name: "prompt", label: "Prompt", values: "facet" },
  { name: "team", label: "Team", values: "facet" },
  { name: "tag", label: "Tag", values: "facet" },
  { name: "metadata", label: "Metadata", values: "typed", example: "plan=pro" },
  { name: "attribute", label: "Attribute", values: "typed", example: "gen_ai.agent.name=planner" },
  { name: "state", label: "State", values: ["open", "complete", "partial"] },
  { name: "min_cost", label: "Cost at least, $", values: "typed", example: "0.05" },
  { name: "max_cost", label: "Cost at most, $", values: "typed", example: "1" },
  { name: "min_duration_us", label: "Duration at least, µs", values: "typed", example: "2000000" },
  { name: "max_duration_us", label: "Duration at most, µs", values: "typed", example: "500000" },
  { name: "min_time_to_first_chunk_us", label: "First chunk after at least, µs", values: "typed", example: "1000000" },
  { name: "min_tokens", label: "Tokens at least", values: "typed", example: "10000" },
  { name: "max_tokens", label: "Tokens at most", values: "typed", example: "100" },
];

export const sorts = ["time", "cost", "duration", "tokens"] as const;
export type Sort = (typeof sorts)[number];

export type Filters = Readonly<Partial<Record<FilterName, string>>>;

/** What the address of a list says. */
export type ListSearch = TimeSearch & Filters & { readonly sort?: Sort };

const names: ReadonlySet<string> = new Set(filters.map(({ name }) => name));

export function listSearch(raw: Readonly<Record<string, unknown>>): ListSearch {
  const found = Object.entries(raw).flatMap(([name, value]) => {
    const text = textOf(value);
    return names.has(name) && text !== undefined ? [[name, text] as const] : [];
  });
  const sort = sorts.find((one) => one === raw.sort);
  return {
    ...timeSearch(raw),
    ...(Object.fromEntries(found) as Filters),
    ...(sort && sort !== "time" ? { sort } : {}),
  };
}

/** Those of a list's address that filter. */
export function filtersOf(search: ListSearch): Filters {
  return Object.fromEntries(Object.entries(search).filter(([name]) => names.has(name))) as Filters;
}

export function filterNamed(name: string): Filter | undefined {
  return filters.find((filter) => filter.name === name);
}
