import { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { traceTailQuerySchema } from "@spanhouse/schemas/api/traces";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import type { ProjectReader } from "@spanhouse/store/readers/project-reader";
import { readRecentTraces } from "@spanhouse/store/readers/recent-traces";
import type { TraceFilters } from "@spanhouse/store/readers/trace-filters";
import { readTraces } from "@spanhouse/store/readers/traces";
import { z } from "zod";
import { summariesOf } from "../trace-pages.ts";
import { problems, type RouteParts, type ZodFastify } from "./route.ts";

const pollMs = 1000;
/** Each looks at so many minutes back, and shows at most so many traces at once. */
const minutesBack = 2;
const mostAtOnce = 200;
/** Of one process. */
const mostTails = 64;

/** Traces as they end and change, as server-sent events. */
export function routeTail(app: ZodFastify, { grantAccess, now }: RouteParts): void {
  const closing = new AbortController();
  app.addHook("preClose", async () => closing.abort());
  let tails = 0;

  app.route({
    method: "GET",
    url: "/v1/traces/tail",
    schema: {
      operationId: "tailTraces",
      summary: "Traces as they end and change, as server-sent events until the client goes",
      querystring: traceTailQuerySchema,
      response: {
        200: {
          description: "Events `trace`, whose data is a summary as the list has it; the same trace comes again changed",
          content: { "text/event-stream": { schema: z.any().meta({ type: "string" }) } },
        },
        ...problems,
      },
    },
    async handler(request, reply) {
      const { nextReader, gone } = await grantAccess(request, reply);
      if (tails >= mostTails) {
        throw new SpanhouseError("QUERY_TOO_EXPENSIVE", `There are ${tails} live tails already; expected fewer.`);
      }
      tails++;
      reply.raw.once("close", () => tails--);
      const until = AbortSignal.any([gone, closing.signal]);
      const stream = Readable.from(events(nextReader, request.query, now, until), { objectMode: false });
      until.addEventListener("abort", () => stream.destroy());
      return reply.header("content-type", "text/event-stream; charset=utf-8").send(stream);
    },
  });
}

async function* events(
  nextReader: () => ProjectReader,
  filters: TraceFilters,
  now: () => number,
  until: AbortSignal,
): AsyncGenerator<string> {
  yield "retry: 2000\n\n";
  let seen = new Map<string, string>();
  for (let first = true; !until.aborted; first = false) {
    const reader = nextReader();
    const since = (Math.floor(now() / 60_000) - minutesBack) * 60;
    const standing = await readRecentTraces(reader, filters, since, mostAtOnce * 10);
    const changed = standing.filter(({ traceId, rank }) => seen.get(traceId) !== rank).slice(0, mostAtOnce);
    // What is not shown now is not seen, and so is shown next time.
    const kept = new Set(changed.map(({ traceId }) => traceId));
    const before = seen;
    seen = new Map(
      standing.flatMap(({ traceId, rank }) =>
        first || kept.has(traceId) || before.get(traceId) === rank ? [[traceId, rank] as const] : [],
      ),
    );
    const rows = await readTraces(reader, [...kept]);
    const summaries = await summariesOf(reader, [...rows.values()]);
    const oldestFirst = summaries.toSorted((a, b) => String(a.end_time).localeCompare(String(b.end_time)));
    // A comment where there is nothing to say, so that proxies keep the connection.
    yield oldestFirst.map((trace) => `event: trace\ndata: ${JSON.stringify(trace)}\n\n`).join("") || ":\n\n";
    await delay(pollMs, undefined, { signal: until }).catch(() => undefined);
  }
}
