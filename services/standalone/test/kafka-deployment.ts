import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { createKafkaClient } from "@spanhouse/bus/kafka/kafka-client";
import { ensureTopic } from "@spanhouse/bus/kafka/topic";
import { inject } from "vitest";
import { testBrokers } from "../../../infra/kafka/test-brokers.ts";
import { testClickHouse } from "../../store/test/test-clickhouse.ts";
import { type BuiltProcess, runBuilt, spanhouse } from "./built-process.ts";

export type Service = "gateway" | "consumer" | "query";

export interface RunningService {
  readonly process: BuiltProcess;
  /** Where it answers HTTP. */
  readonly url: string;
}

/** A record as another producer than ours writes it: no headers, and no key unless one is given. */
export interface ForeignRecord {
  readonly key?: string;
  readonly value: Uint8Array;
}

export interface KafkaDeployment {
  /** The program of the build as a process of its own, once it is live. */
  start(service: Service): Promise<RunningService>;
  /** The `spanhouse` command against the deployment's ClickHouse; resolves with what it printed. */
  command(...args: readonly string[]): Promise<string>;
  /** Writes them in one batch, those without a key spread over the partitions. */
  produce(records: readonly ForeignRecord[]): Promise<void>;
  /** How many records are in the topic, and how many the group has committed. */
  offsets(): Promise<{ readonly end: bigint; readonly committed: bigint }>;
  close(): Promise<void>;
}

const partitions = 4;
const portVariable = {
  gateway: "SPANHOUSE_GATEWAY_PORT",
  consumer: "SPANHOUSE_METRICS_PORT",
  query: "SPANHOUSE_QUERY_PORT",
} as const;
const hostVariable = {
  gateway: "SPANHOUSE_GATEWAY_HOST",
  consumer: "SPANHOUSE_METRICS_HOST",
  query: "SPANHOUSE_QUERY_HOST",
} as const;

/** A topic and a database of its own on the run's Kafka and ClickHouse. `topicProject`: of records without headers. */
export async function openKafkaDeployment(topicProject: string): Promise<KafkaDeployment> {
  const brokers = await testBrokers();
  const connection = { brokers, clientId: "test", log: () => undefined };
  const topic = `otlp_spans-${randomUUID()}`;
  const group = "spanhouse";
  for (const name of [topic, `${topic}.dlq`]) {
    await ensureTopic(connection, { topic: name, partitions, maxMessageBytes: 16_000_000 });
  }
  const { writer, reader, url } = inject("clickhouse");
  // The first migration is the deployment's own.
  const store = await testClickHouse({ migrated: false });
  const running: BuiltProcess[] = [];

  function environment(user: { username: string; password: string } | undefined) {
    return {
      SPANHOUSE_KAFKA_BROKERS: brokers.join(","),
      SPANHOUSE_KAFKA_TOPIC: topic,
      SPANHOUSE_KAFKA_GROUP: group,
      SPANHOUSE_TOPIC_PROJECT: topicProject,
      SPANHOUSE_CONSUMER_ROLL_MS: "1000",
      SPANHOUSE_GATEWAY_GRPC_PORT: "0",
      SPANHOUSE_CLICKHOUSE_URL: url,
      SPANHOUSE_CLICKHOUSE_DATABASE: store.database,
      ...(user && { SPANHOUSE_CLICKHOUSE_USER: user.username, SPANHOUSE_CLICKHOUSE_PASSWORD: user.password }),
    };
  }

  async function administer<T>(work: (kafka: ReturnType<typeof createKafkaClient>) => Promise<T>): Promise<T> {
    return work(createKafkaClient(connection));
  }

  return {
    async start(service) {
      const port = await freePort();
      const process = runBuilt(`services/${service}/dist/main.js`, [], {
        ...environment(service === "query" ? reader : writer),
        [portVariable[service]]: String(port),
        [hostVariable[service]]: "127.0.0.1",
      });
      running.push(process);
      const origin = `http://127.0.0.1:${port}`;
      await live(origin, process);
      return { process, url: origin };
    },

    async command(...args) {
      const run = spanhouse(args, environment(writer));
      const code = await run.ended;
      if (code !== 0) throw new Error(`spanhouse ${args.join(" ")} ended with ${code}: ${run.output()}`);
      return run.stdout();
    },

    produce: (records) =>
      administer(async (kafka) => {
        const producer = kafka.producer();
        await producer.connect();
        const messages = records.map(({ key, value }, i) => ({
          value: Buffer.from(value),
          ...(key === undefined ? { partition: i % partitions } : { key }),
        }));
        await producer.send({ topic, messages }).finally(() => producer.disconnect());
      }),

    offsets: () =>
      administer(async (kafka) => {
        const admin = kafka.admin();
        await admin.connect();
        try {
          const ends = await admin.fetchTopicOffsets(topic);
          const [answer] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
          const sum = (offsets: readonly { offset: string }[]) =>
            offsets.reduce((total, { offset }) => total + (BigInt(offset) > 0n ? BigInt(offset) : 0n), 0n);
          return { end: sum(ends), committed: sum(answer?.partitions ?? []) };
        } finally {
          await admin.disconnect();
        }
      }),

    async close() {
      for (const process of running) process.signalGroup("SIGKILL");
      await Promise.all(running.map(({ ended }) => ended));
      await store.drop();
    },
  };
}

async function live(origin: string, process: BuiltProcess): Promise<void> {
  let over = false;
  void process.ended.then(() => {
    over = true;
  });
  for (;;) {
    if (over) throw new Error(`it ended: ${process.output()}`);
    const response = await fetch(`${origin}/health/live`).catch(() => undefined);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address ? address.port : 0;
}
