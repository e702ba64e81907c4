import { traceListQuerySchema, traceListSchema } from "@spanhouse/schemas/api/traces";
import { traceIdSchema } from "@spanhouse/schemas/api/values";
import type { ProjectReader } from "@spanhouse/store/readers/project-reader";
import type { TraceFilters } from "@spanhouse/store/readers/trace-filters";
import { listTraces } from "@spanhouse/store/readers/trace-list";
import { rankTraces, type TraceMeasure } from "@spanhouse/store/readers/trace-ranking";
import type { TraceRow } from "@spanhouse/store/readers/traces";
import { z } from "zod";
import { cursorForm } from "../cursor.ts";
import { rfc3339, type TimeRange, timeRange } from "../time-range.ts";
import { summariesOf } from "../trace-pages.ts";
import { problems, type RouteParts, type ZodFastify } from "./route.ts";

/** What a place may be: within what ClickHouse's DateTime holds. */
const latest = Date.UTC(2100, 0, 1) / 1000;
const seconds = z.number().int().min(0).max(latest);
const nanos = z
  .string()
  .regex(/^\d{1,19}$/)
  .refine((text) => BigInt(text) <= BigInt(latest) * 1_000_000_000n);
/** The range and the start too, so that all pages are of the same now. */
const begun = { from: nanos, to: nanos, started: seconds, trace: traceIdSchema };
const timeCursor = z.object({ ...begun, newest: seconds, bucket: seconds });
const rankCursor = z.object({ ...begun, value: z.string().regex(/^\d{1,19}(\.\d{1,12})?$/) });

interface Page {
  readonly range: TimeRange;
  readonly traces: readonly TraceRow[];
  readonly next: string | null;
}

interface Asked {
  readonly reader: ProjectReader;
  readonly filters: TraceFilters;
  readonly limit: number;
  readonly cursor: string | undefined;
  /** All that must be the same when a cursor comes back. */
  readonly question: readonly unknown[];
  /** Of the first page. */
  readonly range: () => TimeRange;
  /** The minute of the present, Unix s. */
  readonly minute: number;
}

export function routeTraces(app: ZodFastify, { grantAccess, now }: RouteParts): void {
  app.route({
    method: "GET",
    url: "/v1/traces",
    schema: {
      operationId: "listTraces",
      summary: "Traces by the time they last ended, newest first, or the greatest by a measure",
      querystring: traceListQuerySchema,
      response: { 200: traceListSchema, ...problems },
    },
    async handler(request, reply) {
      const { project, reader } = await grantAccess(request, reply);
      const { from, to, limit, cursor, sort, ...filters } = request.query;
      const asked: Asked = {
        ...{ reader, filters, limit, cursor },
        question: ["traces", project, sort, from, to, Object.entries(filters).sort()],
        range: () => timeRange(from, to, now()),
        minute: Math.floor(now() / 60_000) * 60,
      };
      const { range, traces, next } = await (sort === "time" ? pageByTime(asked) : pageByRank(asked, sort));
      return {
        from: rfc3339(range.from),
        to: rfc3339(range.to),
        traces: [...(await summariesOf(reader, traces))],
        next_cursor: next,
      };
    },
  });
}

async function pageByTime({ reader, filters, limit, cursor, question, range: first, minute }: Asked): Promise<Page> {
  const form = cursorForm(timeCursor, question);
  const before = cursor === undefined ? undefined : form.decode(cursor);
  const range = before ? { from: BigInt(before.from), to: BigInt(before.to) } : first();
  const position = before && {
    after: { bucket: before.bucket, traceId: before.trace },
    newest: before.newest,
    started: before.started,
  };
  const listed = await listTraces(reader, { filters, ...range, position, limit: limit + 1 });
  const page = listed.slice(0, limit);
  const last = listed.length > limit ? page.at(-1) : undefined;
  return {
    range,
    traces: page.map(({ trace }) => trace),
    next: last
      ? form.encode({
          from: String(range.from),
          to: String(range.to),
          started: before?.started ?? minute,
          newest: before?.newest ?? page[0]!.place.bucket,
          bucket: last.place.bucket,
          trace: last.place.traceId,
        })
      : null,
  };
}

async function pageByRank(
  { reader, filters, limit, cursor, question, range: first, minute }: Asked,
  measure: TraceMeasure,
): Promise<Page> {
  const form = cursorForm(rankCursor, question);
  const before = cursor === undefined ? undefined : form.decode(cursor);
  const range = before ? { from: BigInt(before.from), to: BigInt(before.to) } : first();
  const started = before?.started ?? minute;
  const position = before && { after: { value: before.value, traceId: before.trace }, started };
  const ranked = await rankTraces(reader, { filters, ...range, measure, position, limit: limit + 1 });
  const page = ranked.slice(0, limit);
  const last = ranked.length > limit ? page.at(-1) : undefined;
  return {
    range,
    traces: page.map(({ trace }) => trace),
    next: last
      ? form.encode({
          from: String(range.from),
          to: String(range.to),
          started,
          value: last.place.value,
          trace: last.place.traceId,
        })
      : null,
  };
}
