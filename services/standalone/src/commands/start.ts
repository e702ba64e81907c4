import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createLease, ownLease } from "@spanhouse/store/leases";
import { tracingConfig } from "@spanhouse/tracing/config";
import { pino } from "pino";
import type { Command } from "../command.ts";
import { standaloneConfig } from "../config.ts";
import type { DemoTraffic } from "../demo/demo-traffic.ts";
import { startDemoTraffic } from "../demo/demo-traffic.ts";
import { parseOptions } from "../parse-options.ts";
import { announceRunning } from "../running-standalone.ts";
import type { Standalone } from "../standalone.ts";
import { startStandalone } from "../standalone.ts";
import { openStore } from "../store.ts";
import { viewerDirectory } from "../viewer-directory.ts";

export const start: Command = {
  usage: `spanhouse start [--data DIR] [--host HOST] [--demo]

  --data DIR   where everything is kept (default .spanhouse, or SPANHOUSE_DATA)
  --host HOST  the address to listen on (default 127.0.0.1, or SPANHOUSE_HOST)
  --demo       also send demonstration traffic through real client libraries

Ports: SPANHOUSE_GATEWAY_PORT (4318), SPANHOUSE_GATEWAY_GRPC_PORT (4317), SPANHOUSE_QUERY_PORT (7070).
SPANHOUSE_CLICKHOUSE_URL, _USER, _PASSWORD and _DATABASE name a ClickHouse of yours in place of the embedded one.
SPANHOUSE_QUOTA_TRACES_PER_MONTH, SPANHOUSE_LIMIT_SPANS_PER_SECOND, SPANHOUSE_LIMIT_BYTES_PER_SECOND: what projects
may send (spanhouse limits); unset: whatever they like.
SPANHOUSE_ALERTS_FILE (who is told of alerts, and rules, YAML), SPANHOUSE_ALERTS_VIEWER_URL (where people open the viewer),
SPANHOUSE_OWNERSHIP_FILE (rules that say who pays, YAML), SPANHOUSE_ESTIMATES (on or off: count the tokens of calls that do
not say them), SPANHOUSE_SUGGEST_URL, _MODEL and _KEY (a model of yours that proposes fixes; off without),
SPANHOUSE_REPLAY_MODEL_URL, SPANHOUSE_REPLAY_MODEL_KEY, SPANHOUSE_REPLAY_MODEL, SPANHOUSE_REPLAY_BUDGET (an endpoint of yours that answers edited calls, dollars a
day; off without), OTEL_EXPORTER_OTLP_ENDPOINT and OpenTelemetry's other variables (traces of Spanhouse itself, to another
endpoint than its own; off without).`,

  async run(args, { environment, signal, print }) {
    const { values } = parseOptions((parseArgs) =>
      parseArgs({
        args: [...args],
        options: {
          data: { type: "string" },
          host: { type: "string" },
          demo: { type: "boolean", default: false },
        },
      }),
    );
    const config = standaloneConfig(environment);
    const dataDir = values.data ?? config.dataDir;
    const log = pino({ level: config.logLevel }, pino.destination(2));

    const store = await openStore(config.clickhouse, dataDir, log);
    let standalone: Standalone | undefined;
    let demo: DemoTraffic | undefined;
    let withdraw: (() => void) | undefined;
    try {
      const { gatewayPort, grpcPort, queryPort, derivation, projectLimits, oidc, suggestions, replayModel } = config;
      // An embedded store is of this process alone; of another one several may believe so.
      const lease = config.clickhouse
        ? createLease(store.clickhouse, { resource: "alerts", holder: randomUUID(), lengthMs: 30_000 })
        : ownLease;
      const host = values.host ?? config.host;
      const viewerDir = viewerDirectory();
      standalone = await startStandalone({
        ...store,
        host,
        gatewayPort,
        grpcPort,
        queryPort,
        dataDir,
        viewerDir,
        derivation,
        projectLimits,
        oidc,
        suggestions,
        replayModel,
        alerts: { ...config.alerts, lease },
        tracing: tracingConfig(environment, "spanhouse"),
        log,
      });
      const { gatewayUrl, grpcAddress, queryUrl, apiKey } = standalone;
      withdraw = announceRunning(dataDir, { clickhouse: store.options, gatewayUrl, queryUrl });
      print(greeting({ gatewayUrl, grpcAddress, queryUrl, apiKey, dataDir, viewer: viewerDir !== undefined }));
      if (values.demo) {
        demo = startDemoTraffic({ url: gatewayUrl, apiKey });
        const traceId = await Promise.race([demo.firstTrace, standalone.failed, once(signal, "abort")]);
        if (typeof traceId === "string") {
          print(
            `Demonstration traffic is running. Its first trace${viewerDir === undefined ? "" : `, once logged in: ${queryUrl}/traces/${traceId}`}\n\n  curl -H "Authorization: Bearer ${apiKey}" ${queryUrl}/v1/traces/${traceId}\n`,
          );
        }
      }
      if (!signal.aborted) await Promise.race([once(signal, "abort"), standalone.failed]);
      print("Stopping: what was accepted is stored.");
    } finally {
      await demo?.stop();
      withdraw?.();
      await standalone?.stop();
      await store.close();
    }
    return 0;
  },
};

interface Address {
  readonly gatewayUrl: string;
  readonly grpcAddress: string;
  readonly queryUrl: string;
  readonly apiKey: string;
  readonly dataDir: string;
  readonly viewer: boolean;
}

function greeting({ gatewayUrl, grpcAddress, queryUrl, apiKey, dataDir, viewer }: Address): string {
  // What stands behind # is not sent to any server: the viewer makes a session of it and takes it out of the address.
  const opened = viewer ? `${queryUrl}/login#key=${apiKey}` : "not built: npm start builds it";
  return `
Spanhouse is running.

  Viewer      ${opened}
  Query API   ${queryUrl}/v1/traces   (description: ${queryUrl}/openapi.json)
  OTLP/HTTP   ${gatewayUrl}/v1/traces
  OTLP/gRPC   ${grpcAddress}
  API key     ${apiKey}
  Data        ${dataDir}

Any OpenTelemetry SDK sends here with:

  export OTEL_EXPORTER_OTLP_ENDPOINT=${gatewayUrl} OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20${apiKey}"
`;
}
