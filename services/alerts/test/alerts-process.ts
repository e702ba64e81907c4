import { randomUUID } from "node:crypto";
import { type ClickHouse, createClickHouse } from "@spanhouse/store/clickhouse";
import { createLease } from "@spanhouse/store/leases";
import { defaultReadLimits } from "@spanhouse/store/readers/project-reader";
import { untraced } from "@spanhouse/tracing/tracing";
import { Registry } from "prom-client";
import { createAlerts } from "../src/app.ts";
import { defaultWaiting } from "../src/due-minutes.ts";
import { createAlertsMetrics } from "../src/metrics.ts";
import type { ProcessOptions } from "./alerts-process-options.ts";
import { secret } from "./listening-receiver.ts";

/** Before which statement the process stands still, once it has written an event. */
const heldStatement = {
  nowhere: /^$/,
  "events written": /^INSERT INTO alert_progress/,
  "before sending": /AS receiver FROM/,
  "sent, not noted": /^INSERT INTO alert_deliveries/,
} as const;

const { clickhouse: options, receiverUrl, now, hold } = JSON.parse(process.argv[3] ?? "") as ProcessOptions;
const clickhouse = createClickHouse(options);
let written = false;
const held = async (sql: string): Promise<void> => {
  if (!written || !heldStatement[hold].test(sql)) return;
  process.stdout.write("held\n");
  await new Promise(() => undefined);
};
const holding: ClickHouse = {
  ...clickhouse,
  async query(sql, ...rest) {
    await held(sql);
    return clickhouse.query(sql, ...rest);
  },
  async command(sql, ...rest) {
    await held(sql);
    await clickhouse.command(sql, ...rest);
    if (sql.startsWith("INSERT INTO alert_events")) written = true;
  },
};
const webhook = { url: receiverUrl, secret, template: "spanhouse", allow_private: true } as const;
setInterval(() => undefined, 1000);
await createAlerts({
  ...{ clickhouse: holding, reader: clickhouse, limits: defaultReadLimits, waiting: defaultWaiting },
  file: { receivers: [{ name: "hook", webhook }], rules: [] },
  watermark: async () => now,
  lease: createLease(clickhouse, { resource: "alerts", holder: randomUUID(), lengthMs: 300 }),
  ...{ tickMs: 20, viewerUrl: undefined, metrics: createAlertsMetrics(new Registry()), tracer: untraced() },
  now: () => now * 1000,
  log: (message, detail) => process.stderr.write(`${message} ${JSON.stringify(detail)}\n`),
}).run();
