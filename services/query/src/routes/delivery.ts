import { deliveryHealthSchema, deliveryQuerySchema, deliverySchema } from "@spanhouse/schemas/api/delivery";
import { readDeliveryAccounts } from "@spanhouse/store/readers/delivery-accounts";
import { countWaitingLetters, readStoringDelay } from "@spanhouse/store/readers/delivery-health";
import { z } from "zod";
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

  app.route({
    method: "GET",
    url: "/v1/delivery/health",
    schema: {
      operationId: "getDeliveryHealth",
      summary: "Whether what is sent arrives: how far behind, what was lost, what could not be stored",
      querystring: z.strictObject({}),
      response: { 200: deliveryHealthSchema, ...problems },
    },
    async handler(request, reply) {
      const { reader } = await grantAccess(request, reply);
      const at = now();
      const second = Math.floor(at / 1000);
      const [delay, accounts, letters] = await Promise.all([
        readStoringDelay(reader, second - 3600),
        readDeliveryAccounts(reader, second - 86_400, second + 60, 60, maxInstances),
        countWaitingLetters(reader),
      ]);
      return {
        checked_at: rfc3339(BigInt(at) * 1_000_000n),
        newest_end: delay?.newestEnd ?? null,
        stored_after_seconds: delay ? { p50: delay.p50, p95: delay.p95, most: delay.most } : null,
        instances: accounts.length,
        lost: accounts.reduce((sum, { lost }) => sum + lost, 0),
        tail_unknown: accounts.filter(({ tail_unknown }) => tail_unknown).length,
        dead_letters: letters ?? null,
      };
    },
  });
}

/** Beyond so many instances of a day the sums are of those that were seen last. */
const maxInstances = 10_000;
