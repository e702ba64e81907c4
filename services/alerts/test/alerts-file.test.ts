import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { readAlertsFile } from "../src/alerts-file.ts";
import { alertsConfig } from "../src/config.ts";

const directory = mkdtempSync(join(tmpdir(), "spanhouse alerts "));
afterAll(() => rmSync(directory, { recursive: true }));

function file(text: string): string {
  const path = join(directory, "alerts.yaml");
  writeFileSync(path, text);
  return path;
}

test("the file of the compose deployment is one", async () => {
  const path = fileURLToPath(new URL("../../../infra/alerts.yaml", import.meta.url));
  const { receivers, rules } = await readAlertsFile(path);
  expect(receivers).toEqual([]);
  expect(rules.map(({ project, name, rule }) => [project, name, rule.condition.kind])).toEqual([
    ["default", "refusals", "static"],
    ["default", "spend", "anomaly"],
  ]);
  expect(await readAlertsFile("")).toEqual({ receivers: [], rules: [] });
});

const rule = (rest: string) =>
  `rules: [{ project: p, name: r, signal: cost, condition: { kind: static, above: 1 }, ${rest} }]`;

test.each([
  ["receivers: [", /alerts\.yaml: /],
  ["receivers: [{ name: a }]", /receivers\.0: expected alertmanager or webhook/],
  ["receivers: [{ name: a, webhook: { url: 'https://x.test' } }]", /webhook\.secret: expected a secret/],
  ["receivers: [{ name: a, webhook: { url: 'ftp://x.test', template: slack } }]", /url: expected an http or https URL/],
  [rule("receivers: [nobody]"), /alert rule r: receivers: .*got nobody/],
  [rule("group_by: [user_id, service]"), /alert rule r: signal: cost is not kept by user_id, service together/],
  [rule("window: 90s"), /alert rule r: window: expected whole minutes/],
  [
    "rules: [{ project: p, name: r, signal: cost, condition: { kind: burn_rate, objective: 0.9 } }]",
    /expected a rate; got cost/,
  ],
  ["rules: [{ project: p, name: r, signal: cost, condition: { kind: static } }]", /condition: expected above or below/],
  ["rules: [{ project: P, name: r, signal: cost }]", /rules\.0\.project: expected the name of a project/],
])("%s is refused, and told what was expected", async (text, message) => {
  await expect(readAlertsFile(file(text))).rejects.toMatchObject({
    code: "CONFIG",
    message: expect.stringMatching(message),
  });
});

test("the environment is the configuration", () => {
  const config = alertsConfig({
    SPANHOUSE_CLICKHOUSE_URL: "http://127.0.0.1:8123",
    SPANHOUSE_ALERTS_VIEWER_URL: "https://spanhouse.test/",
  });
  expect(config).toMatchObject({ viewerUrl: "https://spanhouse.test", file: "", metricsPort: 9464 });
  expect(() => alertsConfig({ SPANHOUSE_ALERTS_PATIENCE_SECONDS: "1" })).toThrow(/PATIENCE_SECONDS: expected seconds/);
});
