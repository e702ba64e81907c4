import { quotaUsageSchema } from "@spanhouse/schemas/api/usage";
import type { ProjectLimits } from "@spanhouse/store/limits/project-limits";
import { readQuotaUsage } from "@spanhouse/store/readers/quota-usage";
import { z } from "zod";
import { problems, type RouteParts, type ZodFastify } from "./route.ts";

/** What of its quota a project has used: what gateways let in, which is no bill. */
export function routeUsage(app: ZodFastify, { grantAccess, now }: RouteParts, usual: ProjectLimits): void {
  app.route({
    method: "GET",
    url: "/v1/usage",
    schema: {
      operationId: "getUsage",
      summary: "What of its quota and rates the project has used this month",
      querystring: z.strictObject({}),
      response: { 200: quotaUsageSchema, ...problems },
    },
    async handler(request, reply) {
      const { reader } = await grantAccess(request, reply);
      const at = new Date(now());
      const [from, to] = [0, 1].map((months) =>
        new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + months, 1)).toISOString().replace(".000", ""),
      ) as [string, string];
      const { limits = usual, used } = await readQuotaUsage(reader, from.slice(0, 10));
      const { tracesPerMonth, spansPerSecond, bytesPerSecond } = limits;
      const limited = [tracesPerMonth, spansPerSecond, bytesPerSecond].some((limit) => limit !== undefined);
      const traces = used?.traces ?? (limited ? 0 : null);
      return {
        month: {
          ...{ from, to, traces_limit: tracesPerMonth ?? null, traces_used: traces },
          traces_left: tracesPerMonth === undefined ? null : Math.max(0, tracesPerMonth - (traces ?? 0)),
          spans_accepted: used?.spans ?? (limited ? 0 : null),
          bytes_accepted: used?.bytes ?? (limited ? 0 : null),
        },
        spans_per_second_limit: spansPerSecond ?? null,
        bytes_per_second_limit: bytesPerSecond ?? null,
      };
    },
  });
}
