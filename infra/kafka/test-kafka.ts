import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GenericContainer, getContainerRuntimeClient } from "testcontainers";
import { missingForLocalBroker, startLocalBroker } from "./local-broker.mjs";

export const kafkaImage = "apache/kafka:4.1.0";

/** A broker that a test owns. */
export interface TestBroker {
  readonly brokers: readonly string[];
  /** Stops it in order and starts it again, at the same address with the same data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a broker by Docker, or by Java and Maven; throws what to install when neither is there. */
export async function startTestBroker(): Promise<TestBroker> {
  const byDocker = await startByDocker();
  if (byDocker) return byDocker;
  const missing = await missingForLocalBroker();
  if (missing) {
    throw new Error(
      `The tests need a Kafka broker: set SPANHOUSE_TEST_KAFKA to one (host:port), start a Docker daemon that has or ` +
        `can pull ${kafkaImage}, or install ${missing}.`,
    );
  }
  return startByJava();
}

async function startByJava(): Promise<TestBroker> {
  const dataDir = await mkdtemp(join(tmpdir(), "spanhouse-kafka-"));
  let broker = await startLocalBroker({ dataDir });
  const port = Number(broker.brokers[0]!.split(":")[1]);
  return {
    brokers: broker.brokers,
    async restart() {
      await broker.stop();
      broker = await startLocalBroker({ dataDir, port });
    },
    async stop() {
      await broker.kill();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Undefined when no daemon answers, or it cannot get the image. */
async function startByDocker(): Promise<TestBroker | undefined> {
  const daemon = await getContainerRuntimeClient().catch(() => undefined);
  if (!daemon) return undefined;
  const port = await freePort();
  const container = await new GenericContainer(kafkaImage)
    .withExposedPorts({ container: 9092, host: port })
    .withEnvironment({
      KAFKA_NODE_ID: "1",
      KAFKA_PROCESS_ROLES: "broker,controller",
      KAFKA_CONTROLLER_QUORUM_VOTERS: "1@localhost:9093",
      KAFKA_CONTROLLER_LISTENER_NAMES: "CONTROLLER",
      KAFKA_LISTENERS: "PLAINTEXT://:9092,CONTROLLER://:9093",
      KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://127.0.0.1:${port}`,
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: "false",
      KAFKA_MESSAGE_MAX_BYTES: "16777216",
      KAFKA_REPLICA_FETCH_MAX_BYTES: "16777216",
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: "0",
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: "1",
      KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: "4",
      KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: "1",
      KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: "1",
    })
    .start()
    .catch(() => undefined);
  if (!container) return undefined;
  return {
    brokers: [`127.0.0.1:${port}`],
    restart: () => container.restart(),
    stop: async () => void (await container.stop()),
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
