import { randomBytes } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { alertsConfig } from "@spanhouse/alerts/config";
import { consumerConfig } from "@spanhouse/consumer/config";
import { gatewayConfig } from "@spanhouse/gateway/config";
import { queryConfig } from "@spanhouse/query/config";
import { uptime } from "@spanhouse/schemas/uptime";
import { createApiKeys, createKeyCache } from "@spanhouse/store/api-keys";
import { createClickHouse } from "@spanhouse/store/clickhouse";
import { migrate } from "@spanhouse/store/migrate";
import { createProjectReader, defaultReadLimits } from "@spanhouse/store/readers/project-reader";
import { engineLibrary } from "@spanhouse/store/server/engine-library";
import { startEngine } from "@spanhouse/store/server/engine-process";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { grafanaUserXml } from "../src/grafana-user.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const read = (path: string) => readFileSync(join(root, path), "utf8");

interface ComposeService {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
}

interface Compose {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const given = {
  CLICKHOUSE_PASSWORD: "writer's",
  CLICKHOUSE_READER_PASSWORD: "reader's",
  CLICKHOUSE_GRAFANA_PASSWORD: "grafana's",
  GRAFANA_PASSWORD: "admin's",
} as const;

/** As Compose replaces them: `${NAME:-default}` and `${NAME:?what to set}`. */
const interpolated = (text: string) =>
  text.replaceAll(/\$\{(\w+)(?::-([^}]*))?(?::\?[^}]*)?\}/g, (_, name: string, otherwise?: string) => {
    const value = (given as Readonly<Record<string, string>>)[name] ?? otherwise;
    if (value === undefined) throw new Error(`${name} has no default`);
    return value;
  });

const compose: Compose = parse(interpolated(read("infra/compose.yaml")), { merge: true });
const services = Object.entries(compose.services);
const programs = {
  ...{ gateway: gatewayConfig, consumer: consumerConfig, query: queryConfig, alerts: alertsConfig },
} as const;

test("every file, volume and service that compose.yaml names is there", () => {
  expect(services.map(([name]) => name).sort()).toEqual([
    "alerts",
    "clickhouse",
    "consumer",
    "gateway",
    "grafana",
    "kafka",
    "prometheus",
    "query",
    "topics",
  ]);
  for (const [name, service] of services) {
    if (service.build)
      expect(existsSync(join(root, "infra", service.build.context, service.build.dockerfile))).toBe(true);
    for (const volume of service.volumes ?? []) {
      const [source = ""] = volume.split(":");
      if (source.startsWith(".")) expect(existsSync(join(root, "infra", source)), source).toBe(true);
      else expect(Object.keys(compose.volumes), source).toContain(source);
    }
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      expect(Object.keys(compose.services), `${name} needs ${other}`).toContain(other);
      if (condition === "service_healthy") expect(compose.services[other]?.healthcheck, other).toBeDefined();
    }
  }
});

test.each(Object.entries(programs))(
  "%s takes every variable it is given, on the port that is published",
  (name, config) => {
    const { command, environment = {}, ports, healthcheck } = compose.services[name]!;
    expect(command).toEqual([`services/${name}/dist/main.js`]);
    expect(existsSync(join(root, `services/${name}/src/main.ts`))).toBe(true);
    const known = [
      `services/${name}/src/config.ts`,
      "services/store/src/environment.ts",
      "services/store/src/limits/environment.ts",
      "services/bus/src/kafka/environment.ts",
    ];
    const sources = known.map(read).join("");
    for (const variable of Object.keys(environment)) expect(sources, variable).toContain(`${variable}:`);
    const strings = Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, String(value)]));
    const configured = config(strings);
    const port = "port" in configured ? configured.port : configured.metricsPort;
    const all = "grpcPort" in configured ? [port, configured.grpcPort] : [port];
    expect(ports?.map((published) => published.split(":").at(-1))).toEqual(all.map(String));
    expect(healthcheck?.test.at(-1)).toContain(`http://127.0.0.1:${port}/health/ready`);
  },
);

test("topics, brokers, users and the database are the same wherever they are named", () => {
  const { kafka, topics, clickhouse, gateway, consumer, query } = compose.services;
  const [broker, topic] = [
    consumer!.environment!.SPANHOUSE_KAFKA_BROKERS,
    consumer!.environment!.SPANHOUSE_KAFKA_TOPIC,
  ];
  expect(kafka!.environment!.KAFKA_ADVERTISED_LISTENERS).toContain(`PLAINTEXT://${broker}`);
  for (const name of [topic, `${topic}.dlq`]) expect(topics!.command!.join()).toContain(`create ${name} `);
  for (const service of [gateway!, consumer!]) {
    expect(service.environment!.SPANHOUSE_CLICKHOUSE_USER).toBe(clickhouse!.environment!.CLICKHOUSE_USER);
    expect(service.environment!.SPANHOUSE_CLICKHOUSE_PASSWORD).toBe(clickhouse!.environment!.CLICKHOUSE_PASSWORD);
  }
  expect(query!.environment!.SPANHOUSE_CLICKHOUSE_PASSWORD).toBe(clickhouse!.environment!.CLICKHOUSE_READER_PASSWORD);
  expect(queryConfig(asStrings(query!)).clickhouse.database).toBe(clickhouse!.environment!.CLICKHOUSE_DB);
  expect(clickhouse!.volumes).toContain("./clickhouse/users.d/reader.xml:/etc/clickhouse-server/users.d/reader.xml:ro");
});

const asStrings = ({ environment = {} }: ComposeService) =>
  Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, String(value)]));

test("Grafana and Prometheus find what they are configured with", () => {
  const { grafana, prometheus, clickhouse } = compose.services;
  const [spanhouse, metrics] = parse(read("infra/grafana/provisioning/datasources/spanhouse.yaml")).datasources;
  const environment = asStrings(grafana!);
  expect(environment[spanhouse.jsonData.host.slice(1)]).toBe("clickhouse");
  expect(environment[spanhouse.secureJsonData.password.slice(1)]).toBe(
    clickhouse!.environment!.CLICKHOUSE_GRAFANA_PASSWORD,
  );
  expect(new URL(environment[metrics.url.slice(1)]!).hostname).toBe("prometheus");
  expect(prometheus!.volumes).toContain("./prometheus:/etc/prometheus:ro");
  const [folder] = parse(read("infra/grafana/provisioning/dashboards/spanhouse.yaml")).providers;
  expect(grafana!.volumes).toContain(`../dashboards/json:${folder.options.path}:ro`);
  const scraped = parse(read("infra/prometheus/prometheus.yml")).scrape_configs.flatMap(
    (job: { static_configs: { targets: string[] }[] }) => job.static_configs.flatMap(({ targets }) => targets),
  );
  const published = Object.keys(programs).map(
    (name) => `${name}:${compose.services[name]!.ports![0]!.split(":").at(-1)}`,
  );
  expect(scraped.sort()).toEqual(published.sort());
});

test("the file of Grafana's user is what the command writes", () => {
  expect(read("infra/clickhouse/users.d/grafana.xml")).toBe(
    grafanaUserXml({
      ...{ name: "grafana", database: "spanhouse", password: { variable: "CLICKHOUSE_GRAFANA_PASSWORD" } },
      rows: { variable: "CLICKHOUSE_GRAFANA_ROWS" },
    }),
  );
});

test("ClickHouse takes the mounted files; the reader reads what the query API asks for, and nothing else", async () => {
  const directory = mkdtempSync(join(tmpdir(), "spanhouse compose "));
  for (const folder of ["users.d", "config.d"])
    cpSync(join(root, "infra/clickhouse", folder), join(directory, folder), { recursive: true });
  mkdirSync(join(directory, "data"));
  const users = join(directory, "users.xml");
  const configFile = join(directory, "config.xml");
  const writer = { username: "spanhouse", password: randomBytes(8).toString("hex") };
  writeFileSync(
    configFile,
    `<clickhouse><user_directories><users_xml><path>${users}</path></users_xml></user_directories></clickhouse>`,
  );
  const local = "<networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota>";
  writeFileSync(
    users,
    `<clickhouse><profiles><default/></profiles><quotas><default/></quotas><users><default><password/>${local}</default>
     <spanhouse><password>${writer.password}</password>${local}</spanhouse></users></clickhouse>`,
  );
  // Inherited by the engine's process, as the container has it.
  Object.assign(process.env, asStrings(compose.services.clickhouse!));
  const port = await freePort();
  const engine = await startEngine({
    ...{ library: engineLibrary(), configFile, directory: join(directory, "data"), port, ...writer },
    log: () => undefined,
    signal: new AbortController().signal,
  });
  const url = `http://127.0.0.1:${port}`;
  const { username, password } = queryConfig(asStrings(compose.services.query!)).clickhouse;
  const clickhouse = createClickHouse({ url, ...writer, database: "spanhouse" });
  const reader = createClickHouse({
    url,
    username: username!,
    password: password!,
    database: "spanhouse",
    settings: { readonly: "2" },
  });
  const { datasources } = parse(read("infra/grafana/provisioning/datasources/spanhouse.yaml"));
  const grafana = createClickHouse({
    ...{ url, username: datasources[0].jsonData.username, database: datasources[0].jsonData.defaultDatabase },
    password: given.CLICKHOUSE_GRAFANA_PASSWORD,
  });
  try {
    await migrate(clickhouse);
    const { key } = await createApiKeys(clickhouse).createKey({ project: "shop", scopes: ["read"], label: "" });
    const keys = createKeyCache(createApiKeys(reader), { refreshMs: 0, now: Date.now, uptime });
    expect(await keys.authenticate(key)).toMatchObject({ kind: "granted", project: "shop" });
    const project = createProjectReader(reader, defaultReadLimits, "shop", new AbortController().signal);
    expect(await project.query("SELECT count() AS spans FROM spans FINAL WHERE project = {project:String}")).toEqual([
      { spans: "0" },
    ]);

    await expect(reader.command("INSERT INTO projects (project) VALUES ('x')")).rejects.toThrow(
      /readonly|Not enough privileges/i,
    );
    await expect(reader.query("SELECT 1", {}, { settings: { max_execution_time: 31 } })).rejects.toThrow(
      /shouldn't be greater/,
    );
    await expect(reader.query("SELECT 1", {}, { settings: { max_memory_usage: "0" } })).rejects.toThrow(
      /shouldn't be less/,
    );
    for (const project of ["default", "other"])
      await clickhouse.command(`INSERT INTO traces (project, bucket, live) VALUES ('${project}', now(), true)`);
    expect(await grafana.query("SELECT project FROM traces")).toEqual([{ project: "default" }]);
    expect(await clickhouse.query("SELECT count() AS n FROM traces")).toEqual([{ n: "2" }]);
    await expect(grafana.query("SELECT * FROM api_keys")).rejects.toThrow(/Not enough privileges/);

    await clickhouse.command("CREATE TABLE default.secret (a UInt8) ENGINE = Memory");
    await expect(reader.query("SELECT * FROM default.secret")).rejects.toThrow(/Not enough privileges/);
  } finally {
    await Promise.all([clickhouse.close(), reader.close(), grafana.close()]);
    await engine.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}, 60_000);

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
