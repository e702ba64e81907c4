import { useQuery } from "@tanstack/react-query";
import { count, shortCount } from "../format/count.ts";
import type { TimeRange } from "../time/time-range.ts";
import { type Facet, type FilterName, type Filters, filterNamed } from "./filters.ts";
import { facetsQuery } from "./traces-queries.ts";
import "./facets.css";

const shown: readonly Facet[] = [
  "outcome",
  "error_class",
  "name",
  "user",
  "response_model",
  "tool",
  "feature",
  "service",
  "environment",
];

interface FacetsProps {
  readonly range: TimeRange;
  readonly filters: Filters;
  readonly onFilter: (name: FilterName, value: string | undefined) => void;
}

/** The commonest values under the filters, a click away from being one. */
export function Facets({ range, filters, onFilter }: FacetsProps) {
  const { data } = useQuery(facetsQuery(range, filters, { facets: shown, limit: 6 }));
  return (
    <aside className="facets" aria-label="Commonest values">
      {data?.facets.map(({ facet, values }) => {
        const known = values.filter(({ value }) => value !== "" && value !== "none");
        if (known.length === 0) return null;
        const most = Math.max(...known.map(({ traces }) => traces));
        return (
          <section key={facet}>
            <h2>{filterNamed(facet)?.label ?? facet}</h2>
            <ul>
              {known.map(({ value, traces }) => {
                const chosen = filters[facet] === value;
                return (
                  <li key={value}>
                    <button
                      type="button"
                      aria-pressed={chosen}
                      title={`${value}: ${count(traces)} traces`}
                      onClick={() => onFilter(facet, chosen ? undefined : value)}
                    >
                      <span className="facet-share" style={{ width: `${(traces / most) * 100}%` }} />
                      <span className="cut">{value}</span>
                      <span className="numbers muted">{shortCount(traces)}</span>
                    </button>
                  </li>
                );
              })}
            </ul>
          </section>
        );
      })}
    </aside>
  );
}
