import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Registry } from "prom-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createConsumerMetrics } from "../../consumer/src/metrics.ts";
import { createGatewayMetrics } from "../../gateway/src/metrics.ts";
import { createQueryMetrics } from "../../query/src/metrics.ts";
import { createHealthServer } from "../src/health-server.ts";
import { createAlertsMetrics } from "../src/metrics.ts";
import type { Notification } from "../src/notifications/notification.ts";
import { createReceiver } from "../src/notifications/receiver.ts";

/** What Debian calls them, and what everybody else does. */
const programs = { alertmanager: ["prometheus-alertmanager", "alertmanager"], prometheus: ["prometheus"] } as const;

let directory: string;
const children: ChildProcess[] = [];

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "spanhouse alertmanager "));
});
afterAll(async () => {
  for (const child of children) {
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    await gone;
  }
  rmSync(directory, { recursive: true, force: true });
});

const started = async (kind: keyof typeof programs, args: readonly string[], url: string): Promise<void> => {
  for (const program of programs[kind]) {
    const child = spawn(program, args, { cwd: directory, stdio: "ignore" });
    const began = await Promise.race([once(child, "spawn").then(() => true), once(child, "error").then(() => false)]);
    if (!began) continue;
    children.push(child);
    await expect
      .poll(
        () =>
          fetch(url).then(
            (answer) => answer.status,
            () => 0,
          ),
        { timeout: 60_000, interval: 200 },
      )
      .toBe(200);
    return;
  }
  throw new Error(
    `${kind} does not start: install it, on Debian with apt-get install prometheus prometheus-alertmanager`,
  );
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address ? address.port : 0;
};

const notification = (over: Partial<Notification>): Notification => ({
  ...{ id: "e.firing", status: "firing", project: "p", rule: "refusals", episode: "e", severity: "critical" },
  ...{ summary: "refusals: 50 %", group: { service: "bot", response_model: "claude-9" }, labels: { tier: "1" } },
  ...{ value: 0.5, expected: 0.1, fired_at: new Date(Date.now() - 60_000).toISOString(), resolved_at: null },
  ...{ settled: true, series: [], contributions: [], kinds: [], url: "https://viewer.test/alerts?episode=e" },
  traces: [{ trace_id: "1".repeat(32), name: "chat", why: "refused", url: "https://viewer.test/traces/1" }],
  ...over,
});

test("a real Alertmanager takes alerts, groups them, sends them on, and resolves them", async () => {
  const received: { status: string; alerts: { labels: Record<string, string>; status: string }[] }[] = [];
  const hook = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    received.push(JSON.parse(body));
    response.end();
  }).listen(0, "127.0.0.1");
  await once(hook, "listening");
  const address = hook.address();
  const hookPort = typeof address === "object" && address ? address.port : 0;
  writeFileSync(
    join(directory, "alertmanager.yml"),
    `route: { receiver: hook, group_by: [alertname], group_wait: 1s, group_interval: 1s, repeat_interval: 1h }
receivers: [{ name: hook, webhook_configs: [{ url: "http://127.0.0.1:${hookPort}/", send_resolved: true }] }]\n`,
  );
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await started(
    "alertmanager",
    [
      ...["--config.file=alertmanager.yml", `--web.listen-address=127.0.0.1:${port}`, "--cluster.listen-address="],
      `--storage.path=${directory}/am`,
    ],
    `${url}/-/ready`,
  );
  try {
    const receiver = createReceiver({ name: "am", alertmanager: { url, allow_private: true } }, { now: Date.now });
    const other = notification({
      id: "f.firing",
      episode: "f",
      group: { service: "search", response_model: "gpt-4o" },
    });
    expect(await receiver.tell(notification({}))).toEqual({ kind: "sent" });
    expect(await receiver.tell(other)).toEqual({ kind: "sent" });
    expect(await receiver.tell(notification({}))).toEqual({ kind: "sent" });
    const alerts = (await (await fetch(`${url}/api/v2/alerts`)).json()) as Record<string, unknown>[];
    expect(alerts).toHaveLength(2);
    expect(alerts).toContainEqual(
      expect.objectContaining({
        labels: {
          ...{ alertname: "refusals", project: "p", severity: "critical", source: "spanhouse" },
          ...{ service: "bot", response_model: "claude-9", tier: "1" },
        },
        annotations: expect.objectContaining({
          summary: "refusals: 50 %",
          trace_1: "https://viewer.test/traces/1 refused",
        }),
        generatorURL: "https://viewer.test/alerts?episode=e",
      }),
    );
    // Both in one notification of their group.
    await expect.poll(() => received.at(-1)?.alerts.length, { timeout: 30_000 }).toBe(2);
    const over = { status: "resolved", resolved_at: new Date().toISOString() } as const;
    await receiver.tell(notification({ ...over, id: "e.resolved" }));
    await receiver.tell({ ...other, ...over, id: "f.resolved" });
    await expect.poll(() => received.at(-1)?.status, { timeout: 30_000 }).toBe("resolved");
    await expect.poll(async () => (await (await fetch(`${url}/api/v2/alerts`)).json()) as unknown[]).toEqual([]);
  } finally {
    hook.close();
  }
}, 120_000);

test("a real Prometheus scrapes what every service serves", async () => {
  const registries = {
    gateway: (registry: Registry) => void createGatewayMetrics(registry).observeInflight(() => 0),
    consumer: (registry: Registry) => void createConsumerMetrics(registry, async () => new Map([[0, 1n]])),
    query: (registry: Registry) => void createQueryMetrics(registry),
    alerts: (registry: Registry) => void createAlertsMetrics(registry),
  } as const;
  const servers = await Promise.all(
    Object.entries(registries).map(async ([job, create]) => {
      const registry = new Registry();
      create(registry);
      const server = createHealthServer(registry, async () => true).listen(0, "127.0.0.1");
      await once(server, "listening");
      const address = server.address();
      return { job, server, target: `127.0.0.1:${typeof address === "object" && address ? address.port : 0}` };
    }),
  );
  const jobs = servers.map(
    ({ job, target }) => `  - { job_name: ${job}, scrape_interval: 1s, static_configs: [{ targets: ["${target}"] }] }`,
  );
  writeFileSync(join(directory, "prometheus.yml"), `scrape_configs:\n${jobs.join("\n")}\n`);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  try {
    await started(
      "prometheus",
      [
        "--config.file=prometheus.yml",
        `--storage.tsdb.path=${directory}/tsdb`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      `${url}/-/ready`,
    );
    const ask = async (query: string) => {
      const answer = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query })}`);
      const { data } = (await answer.json()) as { data: { result: { metric: Record<string, string> }[] } };
      return data.result.map(({ metric }) => metric.job).sort();
    };
    const all = Object.keys(registries).sort();
    await expect.poll(() => ask("up == 1"), { timeout: 60_000, interval: 500 }).toEqual(all);
    expect(await ask("spanhouse_lag_records")).toEqual(["consumer"]);
    expect(await ask("spanhouse_alert_behind_seconds")).toEqual(["alerts"]);
  } finally {
    for (const { server } of servers) server.close();
  }
}, 120_000);
