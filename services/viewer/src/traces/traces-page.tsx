import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { count } from "../format/count.ts";
import { EmptyState, HowToSend } from "../layout/empty-state.tsx";
import { ProblemView } from "../layout/problem-view.tsx";
import { timeRange } from "../time/time-range.ts";
import { TimeRangePicker } from "../time/time-range-picker.tsx";
import { useNow } from "../time/use-now.ts";
import { Facets } from "./facets.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { type FilterName, filtersOf, type ListSearch } from "./filters.ts";
import { Histogram } from "./histogram.tsx";
import { More } from "./more.tsx";
import { TraceTable } from "./trace-table.tsx";
import { countQuery, tracesQuery } from "./traces-queries.ts";
import "./traces-page.css";

const route = getRouteApi("/traces");
/** A list that ends now is asked again so often; what stands there stays until the answer is here. */
const liveMs = 10_000;

export function TracesPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const now = useNow(liveMs);
  const range = timeRange(search, now);
  const filters = useMemo(() => filtersOf(search), [search]);
  const sort = search.sort ?? "time";
  const live = search.from === undefined;
  const list = useInfiniteQuery({ ...tracesQuery(range, filters, sort), refetchInterval: live ? liveMs : false });
  const total = useQuery(countQuery(range, filters));
  const traces = list.data?.pages.flatMap((page) => page.traces) ?? [];

  const change = (next: ListSearch) => void navigate({ search: next, resetScroll: false });
  function filter(name: FilterName, value: string | undefined): void {
    const { [name]: _, ...others } = search;
    change(value === undefined ? others : { ...others, [name]: value });
  }
  const { range: _range, from: _from, to: _to, ...asked } = search;

  return (
    <div className="page">
      <header className="page-head">
        <h1>Traces</h1>
        <span className="muted numbers" role="status">
          {total.data && `${total.data.bounded ? "at least " : ""}${count(total.data.count)}`}
        </span>
        <span className="push" />
        <TimeRangePicker search={search} range={range} onChange={(time) => change({ ...asked, ...time })} />
      </header>
      <FilterBar range={range} filters={filters} onFilter={filter} />
      <div className="traces-page">
        <Facets range={range} filters={filters} onFilter={filter} />
        <div className="traces-main">
          <Histogram
            range={range}
            filters={filters}
            onZoom={(from, to) =>
              change({ ...asked, from: new Date(from * 1000).toISOString(), to: new Date(to * 1000).toISOString() })
            }
          />
          {list.error ? (
            <ProblemView error={list.error} retry={() => void list.refetch()} />
          ) : list.data && traces.length === 0 ? (
            <Nothing filtered={Object.keys(filters).length > 0} onClear={() => change(timeOf(search))} />
          ) : (
            <>
              <TraceTable
                traces={traces}
                sort={sort}
                now={now}
                busy={list.isPending}
                onSort={(next) => change({ ...search, sort: next })}
              />
              <More
                more={list.hasNextPage}
                busy={list.isFetchingNextPage}
                onMore={() => void list.fetchNextPage({ cancelRefetch: false })}
              />
            </>
          )}
        </div>
      </div>
    </div>
  );
}

function timeOf({ range, from, to }: ListSearch): ListSearch {
  return from !== undefined && to !== undefined ? { from, to } : range === undefined ? {} : { range };
}

function Nothing({ filtered, onClear }: { readonly filtered: boolean; readonly onClear: () => void }) {
  if (!filtered) {
    return (
      <EmptyState title="No trace ended in this time">
        <p>Choose a longer time above, or send spans.</p>
        <HowToSend />
      </EmptyState>
    );
  }
  return (
    <EmptyState title="No trace is all of that in this time">
      <p>
        <button type="button" className="button" onClick={onClear}>
          Take all filters away
        </button>
      </p>
    </EmptyState>
  );
}
