import { createHash } from "node:crypto";
import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import type { ExportTraceServiceRequest } from "@spanhouse/schemas/otlp/model";
import { toModel } from "@spanhouse/schemas/otlp/to-model";
import { SpanFlag } from "@spanhouse/schemas/span";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { expect } from "vitest";
import { testClickHouse } from "../../../store/test/test-clickhouse.ts";
import { runConsumer } from "../pipeline/running-consumer.ts";
import { chat, request, span } from "../pipeline/spans.ts";

export type FlagName = keyof typeof SpanFlag;

/** A dead letter as the table shows it. */
export interface StoredLetter {
  readonly code: string;
  readonly stage: string;
  readonly message: string;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** Gateway's place taken by the test, everything behind it real: bus, consumer, ClickHouse. */
export interface ObservedPipeline {
  readonly clickhouse: ClickHouse;
  /** All at once, so that they are likely one flush. Resolves when everything is in the store or buried. */
  send(project: string, ...requests: readonly ExportTraceServiceRequest[]): Promise<void>;
  sendBytes(project: string, ...values: readonly Uint8Array[]): Promise<void>;
  sendWith(headers: Readonly<Record<string, string>>, value: Uint8Array): Promise<void>;
  /** Columns of the project's spans, by start and span id. */
  spans(project: string, columns: string): Promise<Record<string, unknown>[]>;
  /** The flags of the project's spans by name, in the same order. */
  flags(project: string): Promise<FlagName[][]>;
  trace(project: string, columns: string): Promise<Record<string, unknown> | undefined>;
  payload(project: string, columns: string): Promise<Record<string, unknown> | undefined>;
  letters(project: string): Promise<StoredLetter[]>;
  /** Sends a good span and finds it: the partition goes on. */
  goesOn(): Promise<void>;
  stop(): Promise<void>;
}

export async function observedPipeline(): Promise<ObservedPipeline> {
  const store = await testClickHouse();
  const { clickhouse } = store;
  const consumer = await runConsumer(clickhouse);
  let checks = 0;

  const spans = (project: string, columns: string) =>
    clickhouse.query(
      `SELECT ${columns} FROM spans FINAL WHERE project = {project:String} ORDER BY start_time, span_id`,
      { project },
    );
  const first = async (table: string, columns: string, project: string) => {
    const where = table === "traces" ? "project = {project:String} AND live" : "project = {project:String}";
    const rows = await clickhouse.query(`SELECT ${columns} FROM ${table} FINAL WHERE ${where}`, { project });
    expect(rows.length).toBeLessThan(2);
    return rows[0];
  };

  return {
    clickhouse,
    spans,
    async send(project, ...requests) {
      await Promise.all(requests.map((one) => consumer.send(one, project)));
    },
    async sendBytes(project, ...values) {
      await Promise.all(values.map((value) => consumer.sendBytes(value, { "spanhouse-project": project })));
    },
    sendWith: (headers, value) => consumer.sendBytes(value, headers),
    async flags(project) {
      return (await spans(project, "flags")).map(({ flags }) => flagNames(Number(flags)));
    },
    trace: (project, columns) => first("traces", columns, project),
    payload: (project, columns) => first("span_payloads", columns, project),
    letters: (project) => storedLetters(clickhouse, project),
    async goesOn() {
      const project = `goes-on-${++checks}`;
      await consumer.send(request(span(1, 1, undefined, chat(1000, 100))), project);
      expect(await spans(project, "cost")).toEqual([{ cost: "0.0035" }]);
    },
    async stop() {
      await consumer.stop();
      await store.drop();
    },
  };
}

export async function storedLetters(clickhouse: ClickHouse, project: string): Promise<StoredLetter[]> {
  const rows = await clickhouse.query<Omit<StoredLetter, "value"> & { readonly value: string }>(
    `SELECT code, stage, message, base64Encode(value) AS value, headers FROM dead_letters FINAL
     WHERE project = {project:String} ORDER BY code, message`,
    { project },
  );
  return rows.map((row) => ({ ...row, value: Buffer.from(row.value, "base64") }));
}

/** A test's own project, so that its rows are its own. */
export function projectOf(test: string): string {
  return test
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 60)
    .replace(/-$/, "");
}

function flagNames(flags: number): FlagName[] {
  return (Object.keys(SpanFlag) as FlagName[]).filter((name) => (flags & SpanFlag[name]) !== 0).sort();
}

/** The names of the spans in a letter's request. */
export function spanNamesIn({ value }: StoredLetter): (string | undefined)[] {
  const outcome = decodeTraces(value);
  if (outcome.kind === "failed") throw new Error(outcome.message);
  return toModel(outcome.traces)
    .resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans: inScope }) => inScope))
    .map(({ name }) => name);
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
