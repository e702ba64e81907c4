import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Notification } from "../src/notifications/notification.ts";
import { createReceiver } from "../src/notifications/receiver.ts";

/** What Debian calls it, and what everybody else does. */
const programs = ["prometheus-alertmanager", "alertmanager"] as const;

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

const started = async (args: readonly string[], url: string): Promise<void> => {
  for (const program of programs) {
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
  throw new Error("Alertmanager does not start: install it, on Debian with apt-get install prometheus-alertmanager");
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
