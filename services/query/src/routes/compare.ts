import {
  type Comparison,
  compareParamsSchema,
  comparisonSchema,
  maxComparedSpans,
} from "@spanhouse/schemas/api/compare";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { readTextHashes } from "@spanhouse/store/readers/text-hashes";
import { z } from "zod";
import { alignTrees } from "../aligned-trees.ts";
import type { LayoutReading } from "../trace-layout.ts";
import { readLayoutPage } from "../trace-view.ts";
import { notFound, problems, type RouteParts, type ZodFastify } from "./route.ts";

type Row = Comparison["rows"][number];

export function routeCompare(app: ZodFastify, { grantAccess, layouts }: RouteParts): void {
  app.route({
    method: "GET",
    url: "/v1/traces/:trace_id/compare/:other",
    schema: {
      operationId: "compareTraces",
      summary: "Two traces with their trees laid on each other, and where what was said differs",
      params: compareParamsSchema,
      querystring: z.strictObject({}),
      response: { 200: comparisonSchema, ...problems, ...notFound },
    },
    async handler(request, reply) {
      const { project, reader } = await grantAccess(request, reply);
      const { trace_id, other } = request.params;
      const reading = { reader, project, layouts };
      const [left, right] = await Promise.all([readSide(reading, trace_id), readSide(reading, other)]);
      return {
        left: left.trace,
        right: right.trace,
        rows: alignTrees(left.spans, right.spans).map(({ depth, ...at }): Row => {
          const [a, b] = [left.spans[at.left], right.spans[at.right]];
          const { name, role } = (a ?? b)!.span;
          const differs = (text: "request" | "response") => difference(a?.[text], b?.[text]);
          return {
            ...{ depth, name, role, left: a ? sideOf(a.span) : null, right: b ? sideOf(b.span) : null },
            ...{ request: differs("request"), response: differs("response") },
          };
        }),
        truncated: left.truncated || right.truncated,
      };
    },
  });
}

async function readSide(reading: LayoutReading, traceId: string) {
  const [page, hashes] = await Promise.all([
    readLayoutPage(reading, traceId, undefined, maxComparedSpans),
    readTextHashes(reading.reader, traceId),
  ]);
  if (page === undefined) throw new SpanhouseError("NOT_FOUND", `The project has no trace ${traceId}.`);
  return {
    trace: page.layout.trace,
    truncated: page.lastSpanId !== undefined,
    spans: page.fields.map((span, i) => ({
      span,
      parent: page.layout.spans[i]!.parent,
      // A call is the same one when it asks another model.
      label: `${span.role} ${span.role === "model" ? span.operation : span.name}`,
      request: hashes.get(span.span_id)?.request ?? "",
      response: hashes.get(span.span_id)?.response ?? "",
    })),
  };
}

type Span = Awaited<ReturnType<typeof readSide>>["spans"][number]["span"];

function sideOf({ span_id, duration_us, cost, input_tokens, output_tokens, response_model, outcome }: Span) {
  return { span_id, duration_us, cost, input_tokens, output_tokens, response_model, outcome };
}

function difference(left: string | undefined, right: string | undefined): Row["request"] {
  if (left === undefined || right === undefined || (left === "" && right === "")) return "absent";
  return left === right ? "same" : "different";
}
