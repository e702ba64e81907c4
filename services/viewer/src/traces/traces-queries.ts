import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answered, api } from "../api/client.ts";
import type { operations } from "../api/openapi.d.ts";
import type { TimeRange } from "../time/time-range.ts";
import type { Facet, Filters, Sort } from "./filters.ts";

type ListQuery = NonNullable<operations["listTraces"]["parameters"]["query"]>;
type FacetQuery = NonNullable<operations["getTraceFacets"]["parameters"]["query"]>;

/** Filters are text in the address, and the API reads text: what it does not take it says. */
const asked = ({ from, to }: TimeRange, filters: Filters) =>
  ({ ...filters, from, to }) as unknown as Omit<ListQuery, "sort" | "cursor" | "limit">;

export const tracesQuery = (range: TimeRange, filters: Filters, sort: Sort) =>
  infiniteQueryOptions({
    queryKey: ["traces", range.from, range.to, filters, sort],
    queryFn: ({ signal, pageParam }) => {
      const query: ListQuery = {
        ...asked(range, filters),
        sort,
        limit: 50,
        ...(pageParam ? { cursor: pageParam } : {}),
      };
      return answered(api.GET("/v1/traces", { params: { query }, signal }));
    },
    initialPageParam: "",
    getNextPageParam: ({ next_cursor: cursor }) => cursor ?? undefined,
    placeholderData: keepPreviousData,
  });

/** Counting ends there: more is told as "at least". */
const bound = 10_000;

export const countQuery = (range: TimeRange, filters: Filters) =>
  queryOptions({
    queryKey: ["trace count", range.from, range.to, filters],
    queryFn: ({ signal }) =>
      answered(api.GET("/v1/traces/count", { params: { query: { ...asked(range, filters), bound } }, signal })),
    placeholderData: keepPreviousData,
  });

export const histogramQuery = (range: TimeRange, filters: Filters) =>
  queryOptions({
    queryKey: ["histogram", range.from, range.to, filters],
    queryFn: ({ signal }) =>
      answered(api.GET("/v1/traces/histogram", { params: { query: { ...asked(range, filters), bars: 90 } }, signal })),
    placeholderData: keepPreviousData,
  });

export const facetsQuery = (
  range: TimeRange,
  filters: Filters,
  {
    facets,
    containing,
    limit,
  }: { readonly facets: readonly Facet[]; readonly containing?: string; readonly limit: number },
) =>
  queryOptions({
    queryKey: ["facets", range.from, range.to, filters, facets, containing, limit],
    queryFn: ({ signal }) => {
      const query = {
        ...asked(range, filters),
        facets: facets.join(","),
        limit,
        ...(containing ? { containing } : {}),
      };
      return answered(api.GET("/v1/traces/facets", { params: { query: query as FacetQuery }, signal }));
    },
    placeholderData: keepPreviousData,
  });
