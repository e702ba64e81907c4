import { readFileSync } from "node:fs";
import { noLimits } from "@spanhouse/store/limits/project-limits";
import { expect, test } from "vitest";
import { defaultLimits, gatewayConfig } from "../src/config.ts";

const needed = { SPANHOUSE_KAFKA_BROKERS: "a:9092, b:9092", SPANHOUSE_CLICKHOUSE_URL: "http://127.0.0.1:8123" };

test("brokers and ClickHouse are needed, all else has defaults; an empty variable is none", () => {
  expect(gatewayConfig({ ...needed, SPANHOUSE_GATEWAY_PORT: "", PATH: "/bin" })).toEqual({
    host: "0.0.0.0",
    port: 4318,
    grpcPort: 4317,
    metricsPort: undefined,
    kafka: { brokers: ["a:9092", "b:9092"], topic: "otlp_spans", security: {} },
    clickhouse: {
      ...{ url: "http://127.0.0.1:8123", username: "default", password: "", database: "spanhouse" },
      timeoutMs: 120_000,
    },
    keyRefreshMs: 10_000,
    limits: defaultLimits,
    projectLimits: noLimits,
  });
});

test("the sample of a free tier is a configuration: 1,000 traces a month", () => {
  const sample = readFileSync(new URL("../../../infra/free-tier.env", import.meta.url), "utf8");
  const variables = Object.fromEntries(
    Array.from(sample.matchAll(/^(\w+)=(.*)$/gm), ([, name, value]) => [name, value]),
  );
  expect(gatewayConfig({ ...needed, ...variables }).projectLimits).toEqual({
    tracesPerMonth: 1_000,
    spansPerSecond: 200,
    bytesPerSecond: 2_000_000,
  });
});

test("what is set counts", () => {
  const config = gatewayConfig({
    ...needed,
    SPANHOUSE_GATEWAY_HOST: "127.0.0.1",
    SPANHOUSE_GATEWAY_PORT: "0",
    SPANHOUSE_METRICS_PORT: "9464",
    SPANHOUSE_GATEWAY_MAX_RECORD_BYTES: "1000000",
    SPANHOUSE_GATEWAY_MAX_INFLIGHT_BYTES: "100000000",
  });
  expect(config).toMatchObject({ host: "127.0.0.1", port: 0, metricsPort: 9464 });
  expect(config.limits).toEqual({ ...defaultLimits, maxRecordBytes: 1_000_000, maxInflightBytes: 100_000_000 });
});

test.each([
  ["SPANHOUSE_GATEWAY_PORT", "http", /a port/],
  ["SPANHOUSE_GATEWAY_PORT", "65536", /a port/],
  ["SPANHOUSE_METRICS_PORT", "-1", /a port/],
  ["SPANHOUSE_KAFKA_BROKERS", "", /host:port.*it is not set/],
  ["SPANHOUSE_KAFKA_BROKERS", "a:9092,b", /host:port/],
  ["SPANHOUSE_KAFKA_TOPIC", "a topic", /a Kafka topic/],
  ["SPANHOUSE_CLICKHOUSE_URL", "127.0.0.1:8123", /a URL such as/],
  ["SPANHOUSE_GATEWAY_MAX_INFLIGHT_BYTES", "1000", /bytes/],
])("%s=%s is an error that names it and what it should be", (name, value, expected) => {
  const parse = () => gatewayConfig({ ...needed, [name]: value });
  expect(parse).toThrow(expect.objectContaining({ code: "CONFIG" }));
  expect(parse).toThrow(new RegExp(`^${name}: expected .*${expected.source}`));
});
