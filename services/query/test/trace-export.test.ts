import { decodeJson } from "@spanhouse/schemas/otlp/json";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningConsumer, runConsumer } from "../../consumer/test/pipeline/running-consumer.ts";
import { agent, attributes, chat, request, second, span, traceIdOf } from "../../consumer/test/pipeline/spans.ts";
import { type TestApi, testQueryApi } from "./query-api.ts";

let api: TestApi;
let consumer: RunningConsumer;
const messages = (text: string) => JSON.stringify([{ role: "user", parts: [{ type: "text", content: text }] }]);
const body = (text: string) => JSON.stringify({ model: "gpt-4o", messages: [{ role: "user", content: text }] });

/** An agent that asks, searches and asks again: once as our SDK says it, once as the conventions do. */
function trace(n: number, question: string, more: readonly ReturnType<typeof span>[] = []) {
  const exact = { "spanhouse.request": body(question), "spanhouse.response": '{"id":"x","choices":[]}' };
  const told = { "gen_ai.input.messages": messages(question), "gen_ai.output.messages": messages("So it is.") };
  return request(
    span(n, 1, undefined, { ...agent(), "user.id": "ü" }, 0n, { endTimeUnixNano: undefined as never }),
    span(n, 2, 1, chat(100, 10, { ...exact, "gen_ai.response.id": `r${n}` })),
    span(
      n,
      3,
      1,
      {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "search",
        "gen_ai.tool.call.arguments": '{"q":1}',
        "gen_ai.tool.call.result": "[]",
      },
      second,
    ),
    span(n, 4, 1, chat(200, 20, { ...told, "gen_ai.response.id": `s${n}`, deep: 1.5 }), 2n * second, {
      events: [{ name: "note", timeUnixNano: 5n, attributes: attributes({ n: 1 }) }],
      links: [{ traceId: traceIdOf(99), spanId: "c".repeat(16), attributes: attributes({ why: "x" }) }],
      status: { code: 2, message: "cut" },
    }),
    ...more,
  );
}

beforeAll(async () => {
  api = await testQueryApi();
  consumer = await runConsumer(api.clickhouse);
  const root = (n: number) => trace(n, "why?");
  const fixed = (given: ReturnType<typeof trace>) => ({
    resourceSpans: given.resourceSpans.map((resource) => ({
      ...resource,
      scopeSpans: resource.scopeSpans.map((scope) => ({
        ...scope,
        spans: scope.spans.map((one) => ({
          ...one,
          endTimeUnixNano: one.endTimeUnixNano ?? one.startTimeUnixNano! + 9n * second,
        })),
      })),
    })),
  });
  await consumer.send(fixed(root(1)));
  await consumer.send(
    fixed(
      trace(2, "how?", [
        span(2, 5, 1, { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "extra" }, 3n * second),
      ]),
    ),
  );
});
afterAll(async () => {
  await consumer.stop();
  await api.close();
});

test("what is exported is taken back and means the same", async () => {
  const { status, bytes } = await api.get(`/v1/traces/${traceIdOf(1)}/export`);
  expect(status).toBe(200);
  const decoded = decodeJson(bytes);
  expect(decoded.kind).toBe("decoded");
  await consumer.sendBytes(bytes, { "spanhouse-project": "q", "content-type": "application/json" });
  const rows = (project: string) =>
    api.clickhouse.query(
      `SELECT * EXCEPT (project, version, written_at), fidelity FROM spans FINAL WHERE project = {project:String}
         AND trace_id = unhex({id:String}) ORDER BY span_id`,
      { project, id: traceIdOf(1) },
    );
  const texts = (project: string) =>
    api.clickhouse.query(
      `SELECT span_id, request, response, tool_arguments, tool_result, documents, events, links, status_message,
         resource_attributes, scope_name FROM span_payloads FINAL WHERE project = {project:String}
         AND trace_id = unhex({id:String}) ORDER BY span_id`,
      { project, id: traceIdOf(1) },
    );
  expect(await rows("p")).toHaveLength(4);
  expect(await rows("q")).toEqual(await rows("p"));
  expect(await texts("q")).toEqual(await texts("p"));
});

test("no trace is exported or compared that the project does not have", async () => {
  for (const path of [`/v1/traces/${traceIdOf(7)}/export`, `/v1/traces/${traceIdOf(1)}/compare/${traceIdOf(7)}`]) {
    const { status, body: problem } = await api.get(path);
    expect([path, status, problem.code]).toEqual([path, 404, "NOT_FOUND"]);
  }
});

test("two traces lie on each other, and what was said differs where it does", async () => {
  const { status, body: compared } = await api.get(`/v1/traces/${traceIdOf(1)}/compare/${traceIdOf(2)}`);
  expect(status).toBe(200);
  const row = ({ depth, name, left, right, request: asked, response }: Record<string, unknown>) => [
    ...[depth, name, left !== null, right !== null, asked, response],
  ];
  expect(compared.rows.map(row)).toEqual([
    [0, "invoke_agent", true, true, "absent", "absent"],
    [1, "chat", true, true, "different", "same"],
    [1, "execute_tool", true, true, "same", "same"],
    [1, "chat", true, true, "different", "same"],
    [1, "execute_tool", false, true, "absent", "absent"],
  ]);
  expect(compared).toMatchObject({ left: { trace_id: traceIdOf(1) }, right: { spans: 5 }, truncated: false });
});
