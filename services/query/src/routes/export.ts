import { Readable } from "node:stream";
import { traceExportQuerySchema, traceSummarySchema } from "@spanhouse/schemas/api/traces";
import { z } from "zod";
import { csvLine } from "../csv.ts";
import { timeRange } from "../time-range.ts";
import { everyTrace } from "../trace-pages.ts";
import { problems, type RouteParts, type ZodFastify } from "./route.ts";

const columns = Object.keys(traceSummarySchema.shape) as (keyof typeof traceSummarySchema.shape)[];

/** Lists are told apart by `;` in CSV. */
const cell = (value: unknown): string | number | boolean | null =>
  Array.isArray(value) ? value.join(";") : (value as string | number | boolean | null);

export function routeExport(app: ZodFastify, { grantAccess, now }: RouteParts): void {
  app.route({
    method: "GET",
    url: "/v1/export/traces",
    schema: {
      operationId: "exportTraces",
      summary: "Every trace that passes a filter, as a stream",
      querystring: traceExportQuerySchema,
      response: {
        200: {
          description: "A line a trace, newest first. An answer that ends within a line was cut short",
          content: {
            "application/jsonl": { schema: z.any().meta({ type: "string" }) },
            "text/csv": { schema: z.any().meta({ type: "string" }) },
          },
        },
        ...problems,
      },
    },
    async handler(request, reply) {
      const { nextReader } = await grantAccess(request, reply);
      const { from, to, format, ...filters } = request.query;
      const range = timeRange(from, to, now());
      const pages = everyTrace(nextReader, filters, range, Math.floor(now() / 60_000) * 60);
      // The first page before the head is sent, so that an error that it meets is an answer.
      const first = await pages.next();
      const line =
        format === "csv"
          ? (trace: Readonly<Record<string, unknown>>) => csvLine(columns.map((column) => cell(trace[column])))
          : (trace: Readonly<Record<string, unknown>>) => `${JSON.stringify(trace)}\n`;
      async function* lines() {
        if (format === "csv") yield csvLine(columns);
        if (first.done) return;
        yield first.value.map(line).join("");
        for await (const page of pages) yield page.map(line).join("");
      }
      return reply
        .header("content-type", format === "csv" ? "text/csv; charset=utf-8" : "application/jsonl; charset=utf-8")
        .header("content-disposition", `attachment; filename="traces.${format}"`)
        .send(Readable.from(lines(), { objectMode: false }));
    },
  });
}
