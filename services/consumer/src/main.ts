import { createKafkaDeadLetters } from "@spanhouse/bus/kafka/kafka-dead-letters";
import { createKafkaSubscriber } from "@spanhouse/bus/kafka/kafka-subscriber";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { createActivations } from "@spanhouse/store/activations";
import { createCheckpoints } from "@spanhouse/store/checkpoints";
import { createClickHouse } from "@spanhouse/store/clickhouse";
import { migrate } from "@spanhouse/store/migrate";
import { pino } from "pino";
import { collectDefaultMetrics, Registry } from "prom-client";
import { createConsumer } from "./app.ts";
import { consumerConfig } from "./config.ts";
import { activateDerivation } from "./derivation.ts";
import { createGenaiPrices } from "./derive/price/genai-prices.ts";
import { createHealthServer } from "./health-server.ts";
import { createConsumerMetrics } from "./metrics.ts";

const logger = pino({ name: "spanhouse-consumer" });

async function main(): Promise<void> {
  const config = consumerConfig(process.env);
  const { kafka, limits, topicProject } = config;
  const clickhouse = createClickHouse(config.clickhouse);
  await clickhouse.version();
  await migrate(clickhouse);

  const connection = {
    brokers: kafka.brokers,
    clientId: "spanhouse-consumer",
    log: (level: "error" | "warn" | "info" | "debug", message: string, fields: object) =>
      logger[level](fields, message),
  };
  const checkpoints = createCheckpoints(clickhouse);
  const subscriber = createKafkaSubscriber(
    { ...kafka, connection },
    {
      async checkpoint(topic, partition) {
        const found = await checkpoints.read(kafka.cluster, topic, partition);
        return found && { ...found, next: found.nextOffset, timestamp: found.recordTime };
      },
    },
  );
  const deadLetters = createKafkaDeadLetters({ connection, topic: kafka.topic });
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });

  const consumer = createConsumer({
    clickhouse,
    subscriber,
    deadLetters,
    derivation: await activateDerivation(createActivations(clickhouse), await createGenaiPrices()),
    cluster: kafka.cluster,
    topicProject,
    limits,
    metrics: createConsumerMetrics(registry, () => subscriber.lag()),
    log: (message, detail) => logger.info(detail ?? {}, message),
  });
  const health = createHealthServer(registry, () => clickhouse.ping());
  await health.listen({ host: config.metricsHost, port: config.metricsPort });

  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void consumer.stop());
  logger.info({ topic: kafka.topic, group: kafka.group }, "consuming");
  await consumer.run();
  await Promise.all([health.close(), deadLetters.close(), clickhouse.close()]);
}

main().catch((error: unknown) => {
  logger.fatal({ error }, error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof SpanhouseError && error.code === "CONFIG" ? 2 : 1;
});
