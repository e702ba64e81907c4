import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BuiltProcess, spanhouse } from "./built-process.ts";
import { type QueryClient, queryClient } from "./query-client.ts";

let dataDir: string;
let started: BuiltProcess;
let api: QueryClient;
let messages: (traceId: string, spanId: string) => Promise<{ input: unknown; output: unknown; documents: unknown[] }>;

/** Such as they are when people move: a day of this year that is over. */
const day = "2026-10-05";
const range = { from: `${day}T00:00:00Z`, to: "2026-10-06T00:00:00Z" };

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "spanhouse-import-"));
  started = spanhouse(["start", "--data", dataDir], { SPANHOUSE_GATEWAY_PORT: "0", SPANHOUSE_QUERY_PORT: "0" });
  const [, queryUrl] = await started.says(/Query API +(http:\S+)\/v1\/traces/);
  const [, key] = await started.says(/API key +(\S+)\n/);
  api = queryClient(queryUrl!, key!);
  messages = async (traceId, spanId) => {
    const headers = { authorization: `Bearer ${key}` };
    const response = await fetch(`${queryUrl}/v1/traces/${traceId}/spans/${spanId}/messages`, { headers });
    return (await response.json()) as Awaited<ReturnType<typeof messages>>;
  };
});
afterAll(async () => {
  started.signal("SIGTERM");
  await started.ended;
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

async function run(...args: readonly string[]) {
  const command = spanhouse([...args, "--data", dataDir]);
  const code = await command.ended;
  return { code, stdout: command.stdout(), output: command.output() };
}

/** A file with the text, or with a record a line. */
function file(name: string, content: string | Uint8Array | readonly object[]): string {
  const path = join(dataDir, name);
  writeFileSync(
    path,
    Array.isArray(content)
      ? content.map((one) => `${JSON.stringify(one)}\n`).join("")
      : (content as string | Uint8Array),
  );
  return path;
}

/** All that is stored of a trace, versions too. */
async function stored(traceId: string) {
  const detail = await api.trace(traceId);
  const spans = await Promise.all(detail.spans.map(({ span_id }) => api.span(traceId, span_id)));
  return { detail, spans, byName: new Map(spans.map((span) => [span.name, span])) };
}

const asked = [{ role: "user", content: "Why is the sky blue?" }];
const said = { role: "assistant", content: "Rayleigh scattering." };
const said1 = [{ role: "assistant", parts: [{ type: "text", content: "Rayleigh scattering." }] }];
const asked1 = [{ role: "user", parts: [{ type: "text", content: "Why is the sky blue?" }] }];

test("Langfuse: a trace with its observations, and rows of the tables in snake case", async () => {
  const trace = {
    ...{ id: "my-own-trace", timestamp: `${day}T10:00:00.000Z`, name: "answer", userId: "ada", sessionId: "talk" },
    ...{
      tags: ["beta"],
      environment: "production",
      release: "v1",
      metadata: { plan: "pro" },
      input: "hi",
      output: null,
    },
    observations: [
      {
        ...{
          id: "obs-1",
          type: "GENERATION",
          name: "llm",
          startTime: `${day}T10:00:00.100Z`,
          endTime: `${day}T10:00:02.100Z`,
        },
        ...{ completionStartTime: `${day}T10:00:00.600Z`, model: "gpt-4o", input: asked, output: said },
        usageDetails: { input: 1000, output: 100, total: 1100 },
      },
      {
        ...{
          id: "obs-2",
          type: "TOOL",
          name: "search",
          startTime: `${day}T10:00:02.200Z`,
          endTime: `${day}T10:00:02.300Z`,
        },
        ...{
          parentObservationId: "obs-1",
          input: { q: 1 },
          output: "none",
          level: "ERROR",
          statusMessage: "Error: down",
        },
      },
      { ...{ id: "obs-3", type: "EVENT", name: "note", startTime: `${day}T10:00:03.000Z`, endTime: null } },
    ],
  };
  const rows = [
    { id: "0af7651916cd43dd8448eb211c80319c", timestamp: `${day} 11:00:00.000000`, name: "rows", user_id: "bob" },
    {
      ...{ id: "b7ad6b7169203331", trace_id: "0af7651916cd43dd8448eb211c80319c", type: "GENERATION", name: "llm" },
      ...{ start_time: `${day} 11:00:00.000000`, end_time: `${day} 11:00:01.000000`, provided_model_name: "gpt-4o" },
      ...{
        input: JSON.stringify(asked),
        output: JSON.stringify(said),
        usage_details: { input: 2000, output: 0, total: 2000 },
      },
    },
  ];
  const path = file("langfuse.jsonl", [trace, ...rows]);
  const first = await run("import", "langfuse", path);
  expect(first, first.output).toMatchObject({ code: 0, stdout: "5 spans imported, 0 not taken, 0 records skipped\n" });

  const traces = await api.traces(range);
  const own = traces.find(({ user_id }) => user_id === "ada")!;
  expect(own).toMatchObject({
    ...{
      name: "answer",
      state: "complete",
      conversation_id: "talk",
      tags: ["beta"],
      spans: 4,
      calls: 1,
      tool_calls: 1,
    },
    ...{
      cost: "0.003500000000",
      environments: ["production"],
      releases: ["v1"],
      errors: 1,
      end_time: `${day}T10:00:03.000000000Z`,
    },
  });
  const before = await stored(own.trace_id);
  const call = before.byName.get("llm")!;
  expect(call).toMatchObject({ duration_us: 2_000_000, time_to_first_chunk_us: 500_000, metadata: { plan: "pro" } });
  expect(await messages(own.trace_id, call.span_id)).toMatchObject({ input: asked1, output: said1 });
  expect(before.byName.get("search")).toMatchObject({
    parent_span_id: call.span_id,
    tool_arguments: '{"q":1}',
    outcome: "error",
  });
  expect(traces.find(({ user_id }) => user_id === "bob")).toMatchObject({
    ...{
      trace_id: "0af7651916cd43dd8448eb211c80319c",
      root_span_id: "b7ad6b7169203331",
      cost: "0.005000000000",
      spans: 1,
    },
  });

  expect((await run("import", "langfuse", path)).code).toBe(0);
  expect(await stored(own.trace_id)).toEqual(before);
});

test("LangSmith: runs, flat and nested, in an array that is zipped", async () => {
  const root = "1a2b3c4d-0000-4000-8000-00000000000a";
  const runs = [
    {
      ...{
        id: root,
        trace_id: root,
        name: "chain",
        run_type: "chain",
        start_time: `${day}T12:00:00.000001`,
        end_time: `${day}T12:00:05`,
      },
      ...{
        inputs: { q: "?" },
        outputs: { a: "!" },
        tags: ["x"],
        extra: { metadata: { thread_id: "t1", user_id: "eve" } },
      },
      child_runs: [
        {
          ...{ id: "1a2b3c4d-0000-4000-8000-00000000000b", name: "ChatAnthropic", run_type: "llm" },
          ...{ start_time: `${day}T12:00:01+00:00`, end_time: `${day}T12:00:03+00:00`, inputs: { messages: asked } },
          outputs: { messages: [said], usage_metadata: { input_tokens: 1000, output_tokens: 100, total_tokens: 1100 } },
          events: [{ name: "new_token", time: `${day}T12:00:01.25` }],
          extra: { metadata: { ls_provider: "anthropic", ls_model_name: "claude-sonnet-4-5" } },
        },
        {
          ...{
            id: "1a2b3c4d-0000-4000-8000-00000000000c",
            name: "lookup",
            run_type: "tool",
            error: "ValueError('no')",
          },
          ...{
            start_time: `${day}T12:00:03+00:00`,
            end_time: `${day}T12:00:04+00:00`,
            inputs: { input: "x" },
            outputs: null,
          },
        },
      ],
    },
  ];
  const path = file("runs.json.gz", gzipSync(JSON.stringify(runs, null, 2)));
  expect(await run("import", "langsmith", path, "--json")).toMatchObject({
    ...{ code: 0, stdout: `${JSON.stringify({ spans: 3, rejected: 0, skipped: 0, reasons: {} })}\n` },
  });
  const traceId = root.replaceAll("-", "");
  const before = await stored(traceId);
  expect(before.detail.trace).toMatchObject({
    ...{ name: "chain", user_id: "eve", conversation_id: "t1", spans: 3, calls: 1, tool_calls: 1, errors: 1 },
    ...{ cost: "0.004500000000", start_time: `${day}T12:00:00.000001000Z`, tags: ["x"] },
  });
  const call = before.byName.get("ChatAnthropic")!;
  expect(call).toMatchObject({ provider: "anthropic", time_to_first_chunk_us: 250_000, role: "model" });
  expect(await messages(traceId, call.span_id)).toMatchObject({ input: asked1, output: said1 });
  await run("import", "langsmith", path);
  expect(await stored(traceId)).toEqual(before);
});

test("Phoenix: spans of its API, and columns of a dataframe", async () => {
  const message = (role: string, content: string) => ({ "message.role": role, "message.content": content });
  const page = {
    data: [
      {
        ...{ id: "U3Bhbjox", name: "ChatCompletion", context: { trace_id: "c".repeat(32), span_id: "1".repeat(16) } },
        ...{
          span_kind: "LLM",
          parent_id: null,
          start_time: `${day}T13:00:00.000000+00:00`,
          end_time: `${day}T13:00:01+00:00`,
        },
        ...{ status_code: "OK", status_message: "", events: [] },
        attributes: {
          ...{
            "llm.model_name": "gpt-4o",
            "llm.provider": "openai",
            "llm.token_count.prompt": 1000,
            "llm.token_count.completion": 100,
          },
          ...{
            "llm.input_messages.0.message.role": "user",
            "llm.input_messages.0.message.content": "Why is the sky blue?",
          },
          ...{
            "llm.output_messages.0.message.role": "assistant",
            "llm.output_messages.0.message.content": "Rayleigh scattering.",
          },
          "session.id": "s1",
        },
      },
    ],
    next_cursor: null,
  };
  const frame = [
    {
      ...{ name: "ChatCompletion", span_kind: "LLM", parent_id: null, "context.trace_id": "d".repeat(32) },
      ...{ "context.span_id": "2".repeat(16), status_code: "ERROR", status_message: "busy", events: [] },
      ...{ start_time: Date.parse(`${day}T14:00:00Z`), end_time: Date.parse(`${day}T14:00:02.5Z`) },
      ...{
        "attributes.llm.model_name": "gpt-4o",
        "attributes.llm.token_count.prompt": 1000,
        "attributes.llm.provider": "openai",
      },
      "attributes.llm.token_count.completion": 100,
      "attributes.llm.input_messages": [message("user", "Why is the sky blue?")],
      "attributes.llm.output_messages": [message("assistant", "Rayleigh scattering.")],
    },
  ];
  const paths = [file("spans.json", JSON.stringify(page)), file("frame.json", JSON.stringify(frame))];
  expect((await run("import", "phoenix", ...paths)).stdout).toMatch(
    /^2 spans imported, 0 not taken, 0 records skipped/,
  );
  for (const [digit, span] of [
    ["c", "1"],
    ["d", "2"],
  ] as const) {
    const { detail } = await stored(digit.repeat(32));
    expect(detail.trace).toMatchObject({ cost: "0.003500000000", calls: 1, errors: digit === "d" ? 1 : 0 });
    const read = await messages(digit.repeat(32), span.repeat(16));
    expect(read).toMatchObject({ input: asked1, output: said1 });
  }
});

test("what is exported is taken back and changes nothing; summaries come as lines and CSV", async () => {
  const out = join(dataDir, "traces.jsonl");
  const times = ["--from", day, "--to", "2026-10-06"];
  const written = await run("export", ...times, "--out", out);
  expect(written, written.output).toMatchObject({ code: 0, stdout: `5 traces in ${out}\n` });
  const traceId = "c".repeat(32);
  const before = await stored(traceId);
  expect((await run("import", "otlp", out)).stdout).toMatch(/^10 spans imported, 0 not taken/);
  const after = await stored(traceId);
  expect(after.detail.trace.cost).toBe(before.detail.trace.cost);
  expect(after.detail.trace.spans).toBe(before.detail.trace.spans);
  expect(await messages(traceId, "1".repeat(16))).toMatchObject({ input: asked1, output: said1 });

  const [one, csv] = await Promise.all([
    run("export", traceId),
    run("export", ...times, "--format", "csv", "--user", "ada"),
  ]);
  expect(JSON.parse(one.stdout).resourceSpans).toHaveLength(1);
  expect(readFileSync(out, "utf8")).toContain(one.stdout);
  expect(csv.stdout.split("\n")).toHaveLength(3);
});

test("records that are none are skipped and said, and wrong arguments are told", async () => {
  const path = file(
    "bad.jsonl",
    '{"id":"x"}\nnoise {"traceId": broken}\n{"id":"o","traceId":"t","startTime":"soon"}\n{"cut',
  );
  const mixed = await run("import", "langfuse", path, "--dry-run");
  expect(mixed.code).toBe(1);
  expect(mixed.stdout).toMatch(/^0 spans would be sent, 0 not taken, \d+ records skipped\n/);
  for (const why of [
    "neither a trace nor an observation",
    "not JSON",
    "without id, traceId or startTime",
    "ends within a record",
  ]) {
    expect(mixed.stdout).toContain(why);
  }
  const [unknown, missing] = await Promise.all([run("import", "mlflow", path), run("import", "otlp", "nowhere.jsonl")]);
  expect(unknown).toMatchObject({ code: 2, output: expect.stringContaining('got "mlflow"') });
  expect(missing).toMatchObject({ code: 2, output: expect.stringContaining("nowhere.jsonl: expected a file") });
});
