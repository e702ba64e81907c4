import { queryOptions } from "@tanstack/react-query";
import { answered, api, problemError } from "../api/client.ts";
import type { SpanDetail, SpanMessages, SpanText } from "./span-types.ts";

/** A span that has ended stays as it is, but for rare corrections. */
const ended = { staleTime: 60_000 };

export const spanQuery = (traceId: string, spanId: string) =>
  queryOptions({
    queryKey: ["span", traceId, spanId],
    queryFn: ({ signal }): Promise<SpanDetail> =>
      answered(
        api.GET("/v1/traces/{trace_id}/spans/{span_id}", {
          params: { path: { trace_id: traceId, span_id: spanId } },
          signal,
        }),
      ),
    ...ended,
  });

export const messagesQuery = (traceId: string, spanId: string) =>
  queryOptions({
    queryKey: ["messages", traceId, spanId],
    queryFn: ({ signal }): Promise<SpanMessages> =>
      answered(
        api.GET("/v1/traces/{trace_id}/spans/{span_id}/messages", {
          params: { path: { trace_id: traceId, span_id: spanId } },
          signal,
        }),
      ),
    ...ended,
  });

export const textPath = (traceId: string, spanId: string, text: SpanText) =>
  `/v1/traces/${traceId}/spans/${spanId}/${text}`;

/** The bytes as they were received; null where none are stored. */
export const bytesQuery = (traceId: string, spanId: string, text: SpanText) =>
  queryOptions({
    queryKey: ["bytes", traceId, spanId, text],
    queryFn: async ({ signal }): Promise<Uint8Array | null> => {
      const response = await fetch(textPath(traceId, spanId, text), { signal });
      if (response.ok) return new Uint8Array(await response.arrayBuffer());
      const problem = problemError(await response.json().catch(() => undefined), response.status);
      if (problem.code === "NOT_FOUND") return null;
      throw problem;
    },
    ...ended,
  });
