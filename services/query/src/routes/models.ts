import { modelChangesQuerySchema, modelChangesSchema } from "@spanhouse/schemas/api/groups";
import { modelChangePrecision, readModelChanges } from "@spanhouse/store/readers/model-changes";
import { rfc3339, timeRange, unixNano } from "../time-range.ts";
import { problems, type RouteParts, type ZodFastify } from "./route.ts";

const month = 30n * 86_400n * 1_000_000_000n;
const mostModels = 1000;

export function routeModels(app: ZodFastify, { grantAccess, now }: RouteParts): void {
  app.route({
    method: "GET",
    url: "/v1/models",
    schema: {
      operationId: "getModelChanges",
      summary: "Which models answered for which that were asked for, and since when",
      querystring: modelChangesQuerySchema,
      response: { 200: modelChangesSchema, ...problems },
    },
    async handler(request, reply) {
      const { reader } = await grantAccess(request, reply);
      const { query } = request;
      const end = query.to === undefined ? timeRange(undefined, undefined, now()).to : unixNano(query.to);
      const earliest = end > month ? end - month : 0n;
      const range = timeRange(query.from ?? rfc3339(earliest), rfc3339(end), now());
      const [from, to] = [range.from, range.to].map((time) => Number(time / 60_000_000_000n) * 60) as [number, number];
      const models = await readModelChanges(reader, from, to, mostModels + 1);
      return {
        from: rfc3339(BigInt(from) * 1_000_000_000n),
        to: rfc3339(BigInt(to) * 1_000_000_000n),
        precision_seconds: modelChangePrecision(from, to),
        models: models.slice(0, mostModels),
        truncated: models.length > mostModels,
      };
    },
  });
}
