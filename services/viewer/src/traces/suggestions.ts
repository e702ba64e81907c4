import { useQuery } from "@tanstack/react-query";
import { useDeferredValue } from "react";
import { shortCount } from "../format/count.ts";
import type { TimeRange } from "../time/time-range.ts";
import { type Facet, type Filter, type FilterName, type Filters, filterNamed, filters } from "./filters.ts";
import { facetsQuery } from "./traces-queries.ts";

/** What the filter bar offers for what is typed. */
export type Suggestion =
  | {
      readonly kind: "filter";
      readonly name: FilterName;
      readonly value: string;
      readonly label: string;
      readonly note: string;
    }
  /** Goes on to the values of a filter. */
  | { readonly kind: "begin"; readonly name: FilterName; readonly label: string; readonly note: string }
  | { readonly kind: "trace"; readonly traceId: string; readonly label: string; readonly note: string };

/** Whom a value that is typed without a name may mean. */
const guessed: readonly Facet[] = ["user", "conversation", "name", "tool", "response_model"];

/** `NAME:VALUE`, or just words. */
export function parseTyped(text: string): { readonly filter: Filter | undefined; readonly value: string } {
  const [, name = "", value = ""] = /^(\w+):(.*)$/s.exec(text) ?? [];
  const filter = filterNamed(name);
  return filter ? { filter, value: value.trim() } : { filter: undefined, value: text.trim() };
}

export function useSuggestions(
  text: string,
  active: boolean,
  range: TimeRange,
  chosen: Filters,
): readonly Suggestion[] {
  const { filter, value } = parseTyped(useDeferredValue(text));
  const facets = filter ? (filter.values === "facet" ? [filter.name as Facet] : []) : value.length > 1 ? guessed : [];
  const found = useQuery({
    ...facetsQuery(range, chosen, { facets, containing: value, limit: filter ? 12 : 4 }),
    enabled: active && facets.length > 0,
  });
  const values = (facets.length > 0 ? (found.data?.facets ?? []) : []).flatMap(({ facet, values }) =>
    values
      .filter((one) => one.value !== "" && one.value.toLowerCase().includes(value.toLowerCase()))
      .map(
        (one): Suggestion => ({
          ...{ kind: "filter", name: facet, value: one.value, label: `${facet}:${one.value}` },
          note: `${shortCount(one.traces)} traces`,
        }),
      ),
  );
  if (filter) return [...values, ...fixedValues(filter, value), ...typedValue(filter, value, values)];
  return [...traceOf(value), ...begun(value), ...values, ...words(value)];
}

function fixedValues({ name, label, values }: Filter, typed: string): readonly Suggestion[] {
  if (typeof values === "string") return [];
  return values
    .filter((value) => value.includes(typed.toLowerCase()))
    .map((value) => ({ kind: "filter", name, value, label: `${name}:${value}`, note: label }));
}

/** A value that no trace at hand has is taken too. */
function typedValue(
  { name, label, values, example }: Filter,
  value: string,
  found: readonly Suggestion[],
): readonly Suggestion[] {
  if (typeof values !== "string") return [];
  if (value === "")
    return example ? [{ kind: "begin", name, label: `${name}:`, note: `${label}, such as ${example}` }] : [];
  if (found.some((one) => one.kind === "filter" && one.value === value)) return [];
  return [{ kind: "filter", name, value, label: `${name}:${value}`, note: label }];
}

function traceOf(value: string): readonly Suggestion[] {
  const id = value.toLowerCase();
  return /^[0-9a-f]{32}$/.test(id) ? [{ kind: "trace", traceId: id, label: id, note: "open this trace" }] : [];
}

function begun(value: string): readonly Suggestion[] {
  const wanted = value.toLowerCase();
  return filters
    .filter(({ name, label }) => name.startsWith(wanted) || label.toLowerCase().includes(wanted))
    .map(({ name, label }) => ({ kind: "begin", name, label: `${name}:`, note: label }));
}

function words(value: string): readonly Suggestion[] {
  if (value.length < 2) return [];
  return [{ kind: "filter", name: "text", value, label: `text:${value}`, note: "in a prompt or an answer" }];
}
