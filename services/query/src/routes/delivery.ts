import { deliveryQuerySchema, deliverySchema } from "@spanhouse/schemas/api/delivery";
import { readDeliveryAccounts } from "@spanhouse/store/readers/delivery-accounts";
import { rfc3339, timeRange } from "../time-range.ts";
import { problems, type RouteParts, type ZodFastify } from "./route.ts";

export function routeDelivery(app: ZodFastify, { grantAccess, now }: RouteParts): void {
  app.route({
    method: "GET",
    url: "/v1/delivery",
    schema: {
      operationId: "getDelivery",
      summary: "What came of what each SDK instance sent",
      querystring: deliveryQuerySchema,
      response: { 200: deliverySchema, ...problems },
    },
    async handler(request, reply) {
      const { reader } = await grantAccess(request, reply);
      const { limit, late_after_seconds } = request.query;
      const range = timeRange(request.query.from, request.query.to, now());
      const [from, to] = [range.from, range.to].map((time) => Number(time / 60_000_000_000n) * 60) as [number, number];
      const instances = await readDeliveryAccounts(reader, from, to, late_after_seconds, limit + 1);
      return {
        from: rfc3339(BigInt(from) * 1_000_000_000n),
        to: rfc3339(BigInt(to) * 1_000_000_000n),
        instances: instances.slice(0, limit),
        truncated: instances.length > limit,
      };
    },
  });
}
