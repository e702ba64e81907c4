import { expect, test } from "vitest";
import { tracingConfig } from "../src/config.ts";

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318" };

test("nothing is traced unless an endpoint is named", () => {
  expect(tracingConfig({}, "spanhouse-gateway")).toBeUndefined();
  expect(tracingConfig({ OTEL_SERVICE_NAME: "mine" }, "spanhouse-gateway")).toBeUndefined();
  expect(tracingConfig(endpoint, "spanhouse-gateway")).toEqual({ service: "spanhouse-gateway" });
  expect(
    tracingConfig(
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://collector/v1/traces", OTEL_SERVICE_NAME: "mine" },
      "g",
    ),
  ).toEqual({ service: "mine" });
});

test("it is switched off as everywhere", () => {
  expect(tracingConfig({ ...endpoint, OTEL_SDK_DISABLED: "true" }, "g")).toBeUndefined();
  expect(tracingConfig({ ...endpoint, OTEL_TRACES_EXPORTER: "none" }, "g")).toBeUndefined();
});

test.each([
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318" }, /^OTEL_EXPORTER_OTLP_ENDPOINT: expected a URL/],
  [{ ...endpoint, OTEL_TRACES_EXPORTER: "zipkin" }, /^OTEL_TRACES_EXPORTER: expected otlp or none; got "zipkin"/],
  [
    { ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" },
    /^OTEL_EXPORTER_OTLP_PROTOCOL: expected http\/protobuf; got "grpc"/,
  ],
])("what is not understood is named: %o", (environment, message) => {
  expect(() => tracingConfig(environment, "g")).toThrow(message);
});
