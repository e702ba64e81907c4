import type { Tracer } from "@opentelemetry/api";
import { createEmbeddedBus } from "@spanhouse/bus/embedded/embedded-bus";
import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import type { ExportTraceServiceRequest } from "@spanhouse/schemas/otlp/model";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { untraced } from "@spanhouse/tracing/tracing";
import { Registry } from "prom-client";
import { createConsumer } from "../../src/app.ts";
import { createDeadLetterTable } from "../../src/dead-letter-table.ts";
import { loadDerivation } from "../../src/derivation.ts";
import { createConsumerMetrics } from "../../src/metrics.ts";

export interface RunningConsumer {
  /** Resolves once the request is in the store, though not yet in the rollups. */
  send(request: ExportTraceServiceRequest, project?: string): Promise<void>;
  sendBytes(value: Uint8Array, headers?: Readonly<Record<string, string>>): Promise<void>;
  /** Finishes, rolls and stops: everything sent is in every table. */
  stop(): Promise<void>;
}

export async function runConsumer(clickhouse: ClickHouse, tracer: Tracer = untraced()): Promise<RunningConsumer> {
  const bus = createEmbeddedBus({ maxBytes: 256 << 20, maxRecordBytes: 32 << 20 });
  const consumer = createConsumer({
    clickhouse,
    subscriber: bus,
    deadLetters: createDeadLetterTable(clickhouse),
    derivation: await loadDerivation({ ownershipFile: "", estimates: false }),
    cluster: "embedded",
    topicProject: "",
    limits: { flushBytes: 32 << 20, flushMs: 20, rollMs: 100, liveRows: 1000 },
    tracer,
    metrics: createConsumerMetrics(new Registry(), () => bus.lag()),
    log: () => undefined,
  });
  const ran = consumer.run();
  ran.catch(() => undefined);

  async function sendBytes(
    value: Uint8Array,
    headers: Readonly<Record<string, string>> = { "spanhouse-project": "p" },
  ) {
    const outcome = await Promise.race([
      bus.publish([{ key: "", value, headers }]),
      ran.then(() => ({ kind: "stopped" }) as const),
    ]);
    if (outcome.kind !== "acknowledged") throw new Error(JSON.stringify(outcome));
  }

  return {
    sendBytes,
    send: (request, project = "p") => sendBytes(encodeTraces(request), { "spanhouse-project": project }),
    async stop() {
      await consumer.stop();
      await ran;
    },
  };
}
