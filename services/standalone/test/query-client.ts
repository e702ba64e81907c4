import type { Metrics } from "@spanhouse/schemas/api/metrics";
import type { SpanDetail } from "@spanhouse/schemas/api/spans";
import type { TraceDetail, TraceList, TraceSummary } from "@spanhouse/schemas/api/traces";

/** The query API as a user asks it. */
export interface QueryClient {
  trace(traceId: string): Promise<TraceDetail>;
  span(traceId: string, spanId: string): Promise<SpanDetail>;
  /** All pages. */
  traces(parameters?: Readonly<Record<string, string>>): Promise<TraceSummary[]>;
  metrics(parameters: Readonly<Record<string, string>>): Promise<Metrics>;
}

export function queryClient(url: string, apiKey: string): QueryClient {
  async function get<T>(path: string): Promise<T> {
    const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${apiKey}` } });
    const text = await response.text();
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as T;
  }
  return {
    trace: (traceId) => get(`/v1/traces/${traceId}`),
    span: (traceId, spanId) => get(`/v1/traces/${traceId}/spans/${spanId}`),
    async traces(parameters = {}) {
      const all: TraceSummary[] = [];
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const query = new URLSearchParams({ ...parameters, limit: "200", ...(cursor && { cursor }) });
        const page: TraceList = await get(`/v1/traces?${query}`);
        all.push(...page.traces);
        cursor = page.next_cursor;
      }
      return all;
    },
    metrics: (parameters) => get(`/v1/metrics?${new URLSearchParams(parameters)}`),
  };
}
