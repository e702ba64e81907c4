import { createKafkaDeadLetters } from "@spanhouse/bus/kafka/kafka-dead-letters";
import { createKafkaSubscriber } from "@spanhouse/bus/kafka/kafka-subscriber";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { stopSignal } from "@spanhouse/schemas/stop-signal";
import { createCheckpoints } from "@spanhouse/store/checkpoints";
import { createClickHouse } from "@spanhouse/store/clickhouse";
import { installationId } from "@spanhouse/store/installation";
import { migrate } from "@spanhouse/store/migrate";
import { keepRetention } from "@spanhouse/store/retention/retention-loop";
import { type TracingConfig, tracingConfig } from "@spanhouse/tracing/config";
import { startTracing } from "@spanhouse/tracing/tracing";
import { pino } from "pino";
import { collectDefaultMetrics, Registry } from "prom-client";
import { createConsumer } from "./app.ts";
import { type ConsumerConfig, consumerConfig } from "./config.ts";
import { loadDerivation } from "./derivation.ts";
import { createHealthServer } from "./health-server.ts";
import { workOffErasures } from "./maintenance/erasure-loop.ts";
import { createConsumerMetrics } from "./metrics.ts";
import { withoutNamedProjects } from "./topic-owner.ts";

const hour = 3_600_000;
const erasuresEveryMs = 30_000;

async function main(config: ConsumerConfig, tracingOptions: TracingConfig | undefined) {
  const { kafka, clickhouse: options, topicOwner, topicProject, metricsHost, metricsPort, limits, derivation } = config;
  const log = pino();
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const clickhouse = createClickHouse(options);
  await clickhouse.createDatabase();
  await clickhouse.version();
  await migrate(clickhouse);

  const connection = {
    brokers: kafka.brokers,
    ...kafka.security,
    clientId: "spanhouse-consumer",
    log: (level: "error" | "warn" | "info" | "debug", message: string, fields: object) => log[level](fields, message),
  };
  const checkpoints = createCheckpoints(clickhouse);
  const subscriber = createKafkaSubscriber(
    { ...kafka, connection },
    {
      async checkpoint(topic, partition) {
        const found = await checkpoints.read(kafka.cluster, topic, partition);
        return (
          found && {
            topic,
            partition,
            next: found.nextOffset,
            fingerprint: found.fingerprint,
            timestamp: found.recordTime,
          }
        );
      },
    },
  );
  const deadLetters = createKafkaDeadLetters({ connection, topic: kafka.topic });
  const ending = new AbortController();
  const tracing = startTracing({
    config: tracingOptions,
    installation: () => installationId(clickhouse, ending.signal),
    log: (message, detail) => log.warn(detail, message),
  });
  const consumer = createConsumer({
    clickhouse,
    subscriber: topicOwner === undefined ? subscriber : withoutNamedProjects(subscriber),
    deadLetters,
    derivation: await loadDerivation(derivation),
    cluster: kafka.cluster,
    topicProject,
    limits,
    tracer: tracing.tracer,
    metrics: createConsumerMetrics(registry, () => subscriber.lag()),
    log: (message, detail) => log.info(detail ?? {}, message),
  });
  const health = createHealthServer(registry, () => clickhouse.ping());
  await health.listen({ host: metricsHost, port: metricsPort });

  const loop = {
    ...{ clickhouse, signal: ending.signal },
    log: (message: string, detail: Readonly<Record<string, unknown>>) => log.info(detail, message),
  };
  const kept = Promise.all([
    keepRetention({ ...loop, intervalMs: hour }),
    workOffErasures({ ...loop, intervalMs: erasuresEveryMs }),
  ]);
  const stop = stopSignal().then((signal) => {
    log.info({ signal }, "stopping: the flush in hand is finished and committed");
    return consumer.stop();
  });
  try {
    await Promise.race([consumer.run(), stop]);
  } finally {
    ending.abort();
    await kept;
    await tracing.stop();
    await Promise.all([health.close(), deadLetters.close(), clickhouse.close()]);
  }
}

try {
  await main(consumerConfig(process.env), tracingConfig(process.env, "spanhouse-consumer"));
} catch (error) {
  process.stderr.write(`${error instanceof SpanhouseError ? `${error.code}: ${error.message}` : String(error)}\n`);
  process.exitCode = error instanceof SpanhouseError && error.code === "CONFIG" ? 2 : 1;
}
