import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTraffic } from "@spanhouse/bench/generator/run-traffic";
import type { Ledger } from "@spanhouse/bench/ledger/ledger";
import { exportsOf } from "@spanhouse/bench/outlets/outlet";
import type { ExportTraceServiceRequest } from "@spanhouse/schemas/otlp/model";
import { grafanaUserXml, rowsOfProjects } from "@spanhouse/server/grafana-user";
import { createChargebacks } from "@spanhouse/store/chargebacks";
import { type ClickHouse, createClickHouse } from "@spanhouse/store/clickhouse";
import { migrate } from "@spanhouse/store/migrate";
import { startEmbeddedServer } from "@spanhouse/store/server/embedded-server";
import { runConsumer } from "../../services/consumer/test/pipeline/running-consumer.ts";
import { attributes, chat, second, span } from "../../services/consumer/test/pipeline/spans.ts";

/** A ClickHouse that consumers filled with the generator's traffic of two projects, for a user who reads one of them. */
export interface FilledServer {
  readonly ledger: Ledger;
  /** Unix seconds, midnights: all of the traffic lies between. */
  readonly from: number;
  readonly to: number;
  /** Unix seconds: half of the traffic lies before, half after, whatever the hour in which the test runs. */
  readonly middle: number;
  readonly clickhouse: ClickHouse;
  /** As Grafana's user. Rejects with what ClickHouse says. */
  ask(sql: string): Promise<Answer>;
  stop(): Promise<void>;
}

export interface Answer {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
  readonly rowsRead: number;
}

export const shown = "default";
/** A second project that the user reads: of streamed calls, numbered by their SDK. */
export const streamed = "streamed";
export const hidden = "other";
const hours = 30;
const user = { name: "grafana", password: "open sesame" } as const;

export async function startFilledServer({ traces = 250 } = {}): Promise<FilledServer> {
  const dataDir = mkdtempSync(join(tmpdir(), "spanhouse grafana "));
  mkdirSync(join(dataDir, "server.d"));
  writeFileSync(
    join(dataDir, "server.d", "grafana.xml"),
    grafanaUserXml({
      ...{ name: user.name, password: { text: user.password }, database: "spanhouse" },
      rows: { text: rowsOfProjects([shown, streamed]) },
    }),
  );
  const server = await startEmbeddedServer({ dataDir });
  const clickhouse = createClickHouse({ ...server, database: "spanhouse" });
  const stop = async () => {
    await clickhouse.close();
    await server.stop();
    rmSync(dataDir, { recursive: true });
  };
  try {
    await migrate(clickhouse);
    const startMs = Date.now() - hours * 3_600_000;
    const consumer = await runConsumer(clickhouse);
    const { ledger } = await runTraffic(
      {
        send: async (deliveries) => {
          await Promise.all(exportsOf(deliveries).map(({ request, project }) => consumer.send(request, project)));
        },
        close: async () => undefined,
      },
      { seed: 9, traces, startMs, hours, projects: [shown, hidden] },
    );
    for (const one of streams(startMs)) await consumer.send(one, streamed);
    await consumer.stop();
    await insertOlderRows(clickhouse);
    await closeMonths(clickhouse, startMs);
    const { from, to } = ledger;
    const middle = Math.floor(startMs / 1000 + (hours * 3600) / 2);
    return { ledger, from, to, middle, clickhouse, ask: (sql) => ask(server.url, sql), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Two calls an hour of one service and model, whose first chunk was timed: enough in each half for an alert, which looks
 * at no fewer than 20. Of the spans that the SDK numbered, the fourth never came.
 */
function streams(startMs: number): ExportTraceServiceRequest[] {
  const resource = { attributes: attributes({ "service.name": "streams", "spanhouse.instance": randomUUID() }) };
  const sequences = Array.from({ length: 2 * hours }, (_, index) => index + 1).filter((sequence) => sequence !== 4);
  return sequences.map((sequence) => {
    const startTimeUnixNano = BigInt(startMs + (sequence - 0.5) * 1_800_000) * 1_000_000n;
    const one = span(sequence, sequence, undefined, {
      ...chat(1000, 100),
      "gen_ai.response.time_to_first_chunk": (sequence % 10) / 8,
      "spanhouse.sequence": sequence,
    });
    const ended = { ...one, startTimeUnixNano, endTimeUnixNano: startTimeUnixNano + 3n * second };
    return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: "test" }, spans: [ended] }] }] };
  });
}

/** The month before, closed for two projects; of one of them it came to more afterwards. */
async function closeMonths(clickhouse: ClickHouse, startMs: number): Promise<void> {
  const chargebacks = createChargebacks(clickhouse);
  const first = new Date(startMs);
  first.setUTCDate(0);
  const month = first.toISOString().slice(0, 7);
  const period = await chargebacks.periodOf(month, "UTC");
  const entry = { ...period, month, currency: "EUR", rate: "0.9", rateDate: `${month}-28`, closedBy: "ann" };
  const line = (cost: bigint, calls: number) => ({
    ...{ team: "search", costCentre: "7", feature: "answers", provider: "openai", model: "gpt-4o" },
    ...{ calls, unpricedCalls: 0, inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0 },
    ...{ cost, estimatedCost: 0n },
  });
  const dollar = 1_000_000_000_000n;
  for (const project of [shown, hidden]) {
    await chargebacks.append({ ...entry, project, entry: 0, id: randomUUID() }, [
      line(80n * dollar, 70),
      line(20n * dollar, 30),
    ]);
  }
  await chargebacks.append({ ...entry, project: shown, entry: 1, id: randomUUID() }, [line(5n * dollar, 2)]);
}

/** The same again six, seven, … weeks earlier: rows that no query over its range, or its month, should have to read. */
async function insertOlderRows(clickhouse: ClickHouse): Promise<void> {
  for (const table of ["spans", "traces", "rollup_minute", "rollup_hour", "rollup_day"]) {
    await clickhouse.command(
      `INSERT INTO ${table} SELECT * EXCEPT (number) REPLACE (bucket - toIntervalDay(7 * (6 + number)) AS bucket) FROM ${table} CROSS JOIN numbers(10) AS earlier`,
    );
  }
}

async function ask(url: string, sql: string): Promise<Answer> {
  const parameters =
    "database=spanhouse&wait_end_of_query=1&output_format_json_quote_decimals=1&default_format=JSONCompact";
  const response = await fetch(`${url}/?${parameters}`, {
    method: "POST",
    headers: { "x-clickhouse-user": user.name, "x-clickhouse-key": user.password },
    body: sql,
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${text.slice(0, 400)}\n${sql}`);
  const { meta, data, statistics } = JSON.parse(text);
  return { columns: meta, rows: data, rowsRead: statistics.rows_read };
}
