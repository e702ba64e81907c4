import type { AnyValue, ExportTraceServiceRequest, KeyValue, Span } from "@spanhouse/schemas/otlp/model";
import { createRandom } from "../generator/random.ts";
import type { SimulatedCalls } from "./simulated-minutes.ts";

/** One pico-dollar a token: what calls of any simulated cost are worth, to the last digit. */
export const picoPrice = { kind: "price", match: {}, prices: { output_mtok: "0.000001" } } as const;

const minuteNanos = 60_000_000_000n;
const second = 1_000_000_000n;

/**
 * The spans of simulated calls as a program's instrumentation tells of them, each a trace of its own that ends in the minute.
 * Under `picoPrice` a consumer makes slices of them that have the same calls and cost.
 */
export function createSimulatedSpans(seed: number) {
  const random = createRandom(seed, 1);

  return function requestOf(minute: number, calls: readonly SimulatedCalls[]): ExportTraceServiceRequest {
    const services = [...new Set(calls.map(({ service }) => service))];
    const spansOfService = (name: string) =>
      calls.filter(({ service }) => service === name).flatMap((alike) => spansOf(minute, alike));
    return {
      resourceSpans: services.map((name) => ({
        resource: { attributes: attributesOf({ "service.name": name }) },
        scopeSpans: [{ scope: { name: "simulated" }, spans: spansOfService(name) }],
      })),
    };
  };

  function spansOf(minute: number, alike: SimulatedCalls): Span[] {
    const count = BigInt(alike.calls);
    return Array.from({ length: alike.calls }, (_, i) => {
      const endTimeUnixNano = BigInt(minute) * minuteNanos + (BigInt(i) * (minuteNanos - 1n)) / count;
      // What does not divide is the first one's.
      const cost = alike.cost / count + (i === 0 ? alike.cost % count : 0n);
      return {
        ...{ traceId: random.hex(16), spanId: random.hex(8), name: `chat ${alike.response_model}`, kind: 3 },
        ...{ startTimeUnixNano: endTimeUnixNano - second, endTimeUnixNano },
        attributes: attributesOf({
          "gen_ai.operation.name": "chat",
          "gen_ai.provider.name": alike.provider,
          "gen_ai.request.model": alike.response_model,
          "gen_ai.response.model": alike.response_model,
          "spanhouse.feature": alike.feature,
          "cloud.region": alike.region,
          ...(cost > 0n && { "gen_ai.usage.input_tokens": 0n, "gen_ai.usage.output_tokens": cost }),
          "spanhouse.refusal": alike.outcome === "refused" ? "I can't help with that." : undefined,
          ...(alike.outcome === "error" ? failures[alike.error_class] : undefined),
        }),
        ...(alike.outcome === "error" && { status: { code: 2, message: alike.error_class } }),
      };
    });
  }
}

type Values = Readonly<Record<string, string | bigint | undefined>>;

const failures: Readonly<Record<SimulatedCalls["error_class"], Values>> = {
  none: {},
  server: { "error.type": "InternalServerError", "http.response.status_code": 500n },
  rate_limit: { "error.type": "RateLimitError", "http.response.status_code": 429n },
  timeout: { "error.type": "APITimeoutError" },
};

function attributesOf(values: Values): KeyValue[] {
  return Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: anyValue(value) }],
  );
}

function anyValue(value: string | bigint): AnyValue {
  return typeof value === "string" ? { type: "string", value } : { type: "int", value };
}
