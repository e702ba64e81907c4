import { queryOptions } from "@tanstack/react-query";
import { answered, api } from "../api/client.ts";

/** `spans`: of how many it was asked, so that it is asked anew when there are more. */
export const diagnosisQuery = (traceId: string, spans: number) =>
  queryOptions({
    queryKey: ["diagnosis", traceId, spans],
    queryFn: ({ signal }) =>
      answered(api.GET("/v1/traces/{trace_id}/diagnosis", { params: { path: { trace_id: traceId } }, signal })),
    staleTime: 60_000,
  });

export const missingToolsQuery = (traceId: string, spans: number) =>
  queryOptions({
    queryKey: ["missing-tools", traceId, spans],
    queryFn: ({ signal }) =>
      answered(api.GET("/v1/traces/{trace_id}/missing-tools", { params: { path: { trace_id: traceId } }, signal })),
    staleTime: 60_000,
  });
