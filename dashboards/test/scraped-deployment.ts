import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runTraffic } from "@spanhouse/bench/generator/run-traffic";
import { freePort } from "@spanhouse/bench/measure/free-port";
import { createGatewayOutlet } from "@spanhouse/bench/outlets/gateway-outlet";
import { createKafkaClient } from "@spanhouse/bus/kafka/kafka-client";
import { ensureTopic } from "@spanhouse/bus/kafka/topic";
import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import type { ExportTraceServiceRequest } from "@spanhouse/schemas/otlp/model";
import { createApiKeys } from "@spanhouse/store/api-keys";
import { type ClickHouseOptions, createClickHouse } from "@spanhouse/store/clickhouse";
import { migrate } from "@spanhouse/store/migrate";
import { until } from "../../bench/src/chaos/until.ts";
import { attributes, chat, second, span } from "../../services/consumer/test/pipeline/spans.ts";
import { type BuiltProcess, runBuilt } from "../../services/standalone/test/built-process.ts";

/** Every service as a process of its own over Kafka and ClickHouse, and a Prometheus that scrapes them by the repository's configuration. */
export interface ScrapedDeployment {
  /** As Prometheus answers a panel: a line for each series, by time (Unix s). Rejects with what it says. */
  range(expr: string, range: { readonly from: number; readonly to: number; readonly step: number }): Promise<Line[]>;
  /** Prometheus' own API, such as `rules`. */
  prometheus<T>(path: string): Promise<T>;
  /** Traffic of the last minutes through the gateway, at so many spans a second. */
  send(traffic: { readonly seed: number; readonly traces: number; readonly rate: number }): Promise<void>;
  /** What goes wrong: records that nobody can read, a key that is unknown, a span that its SDK lost; and questions of the query API. */
  trouble(): Promise<void>;
  /** SIGTERM to the consumer, and another one after `meanwhile`: the lag grows and falls. */
  restartConsumer(meanwhile: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

export interface Line {
  readonly labels: Readonly<Record<string, string>>;
  /** Null: no number. */
  readonly points: readonly (readonly [time: number, value: number | null])[];
}

export interface DeploymentParts {
  readonly brokers: readonly string[];
  /** A database that there is, for one who may write. */
  readonly clickhouse: ClickHouseOptions;
  /** For Prometheus' data, and gone with it. */
  readonly directory: string;
}

const services = ["gateway", "consumer", "query", "alerts"] as const;
type Service = (typeof services)[number];
const project = "default";
const configuration = fileURLToPath(new URL("../../infra/prometheus/", import.meta.url));

export async function startScrapedDeployment(parts: DeploymentParts): Promise<ScrapedDeployment> {
  const { brokers, clickhouse: options, directory } = parts;
  const connection = { brokers, clientId: "scraped", log: () => undefined };
  const topic = `otlp_spans-${randomUUID()}`;
  for (const name of [topic, `${topic}.dlq`])
    await ensureTopic(connection, { topic: name, partitions: 4, maxMessageBytes: 16_000_000 });
  const clickhouse = createClickHouse(options);
  await migrate(clickhouse);
  const { key } = await createApiKeys(clickhouse).createKey({ project, scopes: ["ingest", "read"], label: "scraped" });

  const ports = Object.fromEntries(
    await Promise.all(services.map(async (service) => [service, await freePort()] as const)),
  ) as Record<Service, number>;
  const urlOf = (service: Service) => `http://127.0.0.1:${ports[service]}`;
  const running = new Map<Service, BuiltProcess>();
  async function start(service: Service): Promise<void> {
    const [port, host] = { gateway: own("GATEWAY"), query: own("QUERY"), consumer: metrics, alerts: metrics }[service];
    const process = runBuilt(`services/${service}/dist/main.js`, [], {
      SPANHOUSE_KAFKA_BROKERS: brokers.join(","),
      SPANHOUSE_KAFKA_TOPIC: topic,
      SPANHOUSE_TOPIC_PROJECT: project,
      SPANHOUSE_CONSUMER_ROLL_MS: "1000",
      SPANHOUSE_GATEWAY_GRPC_PORT: "0",
      SPANHOUSE_CLICKHOUSE_URL: options.url,
      SPANHOUSE_CLICKHOUSE_DATABASE: options.database,
      ...(options.username !== undefined && { SPANHOUSE_CLICKHOUSE_USER: options.username }),
      ...(options.password !== undefined && { SPANHOUSE_CLICKHOUSE_PASSWORD: options.password }),
      [port]: String(ports[service]),
      [host]: "127.0.0.1",
    });
    running.set(service, process);
    await until(`${service} is ready`, async () => (await fetch(`${urlOf(service)}/health/ready`)).ok, 60_000);
  }
  await Promise.all(services.map(start));

  const prometheusPort = await freePort();
  const prometheusUrl = `http://127.0.0.1:${prometheusPort}`;
  const prometheus = startPrometheus(directory, prometheusPort, ports);
  await until("Prometheus is ready", async () => (await fetch(`${prometheusUrl}/-/ready`)).ok, 60_000);
  async function ask<T>(path: string): Promise<T> {
    const response = await fetch(`${prometheusUrl}/api/v1/${path}`);
    const { data, error } = (await response.json()) as { data: T; error?: string };
    if (!response.ok) throw new Error(`${path}: ${error}`);
    return data;
  }

  return {
    prometheus: ask,
    async range(expr, { from, to, step }) {
      const query = new URLSearchParams({ query: expr, start: String(from), end: String(to), step: String(step) });
      const { result } = await ask<{ result: { metric: Line["labels"]; values: [number, string][] }[] }>(
        `query_range?${query}`,
      );
      const number = (text: string) => (Number.isFinite(Number(text)) ? Number(text) : null);
      return result.map(({ metric, values }) => ({
        labels: metric,
        points: values.map(([time, value]) => [time, number(value)] as const),
      }));
    },
    async send({ rate, ...traffic }) {
      const outlet = createGatewayOutlet({ url: urlOf("gateway"), keys: new Map([[project, key]]), json: false });
      const minutes = 4;
      const startMs = Date.now() - minutes * 60_000;
      await runTraffic(outlet, { ...traffic, rate, startMs, hours: minutes / 60, projects: [project] });
    },
    async trouble() {
      const producer = createKafkaClient(connection).producer();
      await producer.connect();
      const junk = Buffer.from([0x0a, 0x05, 0x01]);
      await producer.send({ topic, messages: [{ value: junk }, { value: junk }] });
      await producer.disconnect();
      await fetch(`${urlOf("gateway")}/v1/traces`, {
        method: "POST",
        headers: { authorization: "Bearer sh_i_nobody", "content-type": "application/json" },
        body: "{}",
      });
      const headers = { authorization: `Bearer ${key}` };
      await fetch(`${urlOf("gateway")}/v1/traces`, {
        method: "POST",
        headers: { ...headers, "content-type": "application/x-protobuf" },
        body: encodeTraces(withoutThird()) as Uint8Array<ArrayBuffer>,
      });
      for (const path of ["/v1/traces", "/v1/metrics?measures=cost,calls"])
        await fetch(`${urlOf("query")}${path}`, { headers });
    },
    async restartConsumer(meanwhile) {
      const before = running.get("consumer")!;
      before.signal("SIGTERM");
      await before.ended;
      await meanwhile();
      await start("consumer");
    },
    async stop() {
      const gone = once(prometheus, "exit");
      prometheus.kill("SIGTERM");
      await gone;
      for (const process of running.values()) process.signalGroup("SIGKILL");
      await Promise.all([...running.values()].map(({ ended }) => ended));
      await clickhouse.close();
    },
  };
}

/** Spans of an SDK that numbered them, of which one never comes. */
function withoutThird(): ExportTraceServiceRequest {
  const resource = { attributes: attributes({ "service.name": "streams", "spanhouse.instance": randomUUID() }) };
  const endTimeUnixNano = BigInt(Date.now()) * 1_000_000n;
  const times = { startTimeUnixNano: endTimeUnixNano - second, endTimeUnixNano };
  const spans = [1, 2, 4, 5].map((sequence) => ({
    ...span(sequence, sequence, undefined, { ...chat(1000, 100), "spanhouse.sequence": sequence }),
    ...times,
    traceId: randomUUID().replaceAll("-", ""),
  }));
  return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: "scraped" }, spans }] }] };
}

const metrics = ["SPANHOUSE_METRICS_PORT", "SPANHOUSE_METRICS_HOST"] as const;
const own = (service: string) => [`SPANHOUSE_${service}_PORT`, `SPANHOUSE_${service}_HOST`] as const;

/** With the repository's configuration and rules, but for addresses and a second in place of fifteen. Throws what to install. */
function startPrometheus(directory: string, port: number, ports: Readonly<Record<Service, number>>): ChildProcess {
  let config = readFileSync(join(configuration, "prometheus.yml"), "utf8").replaceAll("15s", "1s");
  for (const service of services)
    config = config.replace(new RegExp(`"${service}:\\d+"`), `"127.0.0.1:${ports[service]}"`);
  config = config.replace("spanhouse.rules.yml", join(configuration, "spanhouse.rules.yml"));
  writeFileSync(join(directory, "prometheus.yml"), config);
  const args = ["--config.file=prometheus.yml", `--storage.tsdb.path=${join(directory, "tsdb")}`];
  const child = spawn("prometheus", [...args, `--web.listen-address=127.0.0.1:${port}`], {
    cwd: directory,
    stdio: "ignore",
  });
  child.on("error", (error) => {
    throw new Error(
      `prometheus does not start (${error.message}): install it, on Debian with apt-get install prometheus`,
    );
  });
  return child;
}
