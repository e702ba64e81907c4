import {
  type GroupKind,
  groupListQuerySchema,
  groupListSchema,
  groupParamsSchema,
  traceGroupSchema,
} from "@spanhouse/schemas/api/groups";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { listGroups, readGroup } from "@spanhouse/store/readers/trace-groups";
import { z } from "zod";
import { cursorForm } from "../cursor.ts";
import { rfc3339, timeRange } from "../time-range.ts";
import { notFound, problems, type RouteParts, type ZodFastify } from "./route.ts";

const nanos = z.string().regex(/^\d{1,19}$/);
const placeSchema = z.object({
  from: nanos,
  to: nanos,
  value: z.string().regex(/^-?\d{1,19}(\.\d{1,12})?$/),
  id: z.string().max(400),
});

const words = {
  conversation: { plural: "conversations", list: "listConversations", one: "getConversation" },
  user: { plural: "users", list: "listUsers", one: "getUser" },
} as const satisfies Record<GroupKind, object>;

/** Traces by conversation and by user: lists of a time, and what one came to over its lifetime. */
export function routeGroups(app: ZodFastify, { grantAccess, now }: RouteParts): void {
  for (const kind of ["conversation", "user"] as const) {
    const { plural, list, one } = words[kind];
    app.route({
      method: "GET",
      url: `/v1/${plural}`,
      schema: {
        operationId: list,
        summary: `The ${plural} of the traces that pass a filter`,
        querystring: groupListQuerySchema,
        response: { 200: groupListSchema, ...problems },
      },
      async handler(request, reply) {
        const { project, reader } = await grantAccess(request, reply);
        const { from, to, limit, cursor, sort, containing, ...filters } = request.query;
        const form = cursorForm(placeSchema, [
          plural,
          project,
          sort,
          containing,
          from,
          to,
          Object.entries(filters).sort(),
        ]);
        const before = cursor === undefined ? undefined : form.decode(cursor);
        const range = before ? { from: BigInt(before.from), to: BigInt(before.to) } : timeRange(from, to, now());
        const listed = await listGroups(reader, {
          ...{ kind, sort, containing, filters, limit: limit + 1, after: before },
          ...range,
        });
        const page = listed.slice(0, limit);
        const last = listed.length > limit ? page.at(-1) : undefined;
        return {
          from: rfc3339(range.from),
          to: rfc3339(range.to),
          groups: page.map(({ group }) => group),
          next_cursor: last ? form.encode({ from: String(range.from), to: String(range.to), ...last.place }) : null,
        };
      },
    });

    app.route({
      method: "GET",
      url: `/v1/${plural}/:id`,
      schema: {
        operationId: one,
        summary: `What all traces of a ${kind} came to, over its lifetime`,
        params: groupParamsSchema,
        querystring: z.strictObject({}),
        response: { 200: traceGroupSchema, ...problems, ...notFound },
      },
      async handler(request, reply) {
        const { reader } = await grantAccess(request, reply);
        const { id } = request.params;
        const group = await readGroup(reader, kind, id);
        if (group) return group;
        throw new SpanhouseError("NOT_FOUND", `The project has no trace of ${kind} ${JSON.stringify(id)}.`);
      },
    });
  }
}
