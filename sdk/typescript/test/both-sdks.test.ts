import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startProviderSimulator } from "@spanhouse/conformance/provider-simulator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { conformanceCases, emittedBy } from "./case-program.ts";
import { type Collector, startCollector } from "./collector.ts";

const python = fileURLToPath(new URL("../../python/", import.meta.url));

const simulator = await startProviderSimulator();
/** What the Python SDK emits for each case, by file. Its virtual environment is made by `npm test`. */
let ofPython: Readonly<Record<string, readonly PythonSpan[]>>;
let collector: Collector;

beforeAll(async () => {
  collector = await startCollector();
  const { stdout } = await promisify(execFile)(`${python}.venv/bin/python`, ["tests/case_spans.py", simulator.url], {
    cwd: python,
    env: { ...process.env, PYTHONPATH: "src", PYTHONDONTWRITEBYTECODE: "1" },
    maxBuffer: 64 * 1024 * 1024,
  });
  ofPython = JSON.parse(stdout);
}, 180_000);
afterAll(() => Promise.all([simulator.stop(), collector.stop()]));

/** The clients' tool runners write their requests each in its own way. */
const inBoth = conformanceCases.filter(
  ({ given }) => given.only === undefined && !JSON.stringify(given.steps).includes('"beta.messages.tool_runner"'),
);

describe("both SDKs emit the same spans, ids, times and the clients' own words aside", () => {
  test.each(inBoth)("$file", async ({ file, given }) => {
    simulator.reset();
    const spans = await emittedBy(given, simulator.url, collector);
    const ours = spans.map(({ kind, ...span }) => ({
      ...span,
      kind: kind === 3 ? "client" : "internal",
      events: span.events.map(({ name, attributes }) => [name, attributes] as const),
    }));
    const theirs = ofPython[file]!.map(({ span_id: spanId, parent_span_id: parentSpanId, ...span }) => ({
      ...span,
      spanId,
      parentSpanId,
    }));
    expect(ours).not.toHaveLength(0);
    expect(treeOf(theirs)).toEqual(treeOf(ours));
  });
});

interface PythonSpan extends Omit<ComparedSpan, "spanId" | "parentSpanId"> {
  readonly span_id: string;
  readonly parent_span_id: string;
}

interface ComparedSpan {
  readonly name: string;
  readonly kind: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly status: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly (readonly [string, Readonly<Record<string, unknown>>])[];
}

/** Spans below their parents, siblings in an order that does not depend on time. */
const treeOf = (spans: readonly ComparedSpan[]): readonly unknown[] => {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const below = (parent: string | undefined): readonly unknown[] =>
    spans
      .filter(({ parentSpanId }) => (ids.has(parentSpanId ?? "") ? parentSpanId : undefined) === parent)
      .map((span) => ({
        name: span.name,
        kind: span.kind,
        status: span.status,
        attributes: comparable(span.attributes),
        events: span.events.map(([name, attributes]) => [name, comparable(attributes)]),
        below: below(span.spanId),
      }))
      .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  return below(undefined);
};

const comparable = (attributes: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(attributes)
      .map(([name, value]) => [name, comparableValue(name, value, attributes)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

/** Measured, or worded by the client or the language: only that they are there can be the same. */
const told =
  /^spanhouse\.(sequence|retry\.wait)$|time_to_first_chunk$|reset|^exception\.(message|stacktrace)$|sha256$|processing/;

const comparableValue = (name: string, value: unknown, all: Readonly<Record<string, unknown>>): unknown => {
  if (told.test(name)) return typeof value;
  // How much of a stream had come when it was left is a matter of time.
  if (name === "spanhouse.response" && all["spanhouse.aborted"] === true) return typeof value;
  // A plain error is an Exception in Python.
  if ((name === "error.type" || name === "exception.type") && value === "Exception") return "Error";
  if (typeof value !== "string") return value;
  const timeless = value.replaceAll(/"(created|created_at|completed_at)": ?\d+(\.\d+)?/g, '"$1":0');
  try {
    return JSON.parse(timeless);
  } catch {
    return timeless;
  }
};
